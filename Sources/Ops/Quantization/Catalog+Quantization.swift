import IR

extension OpCatalog {
  static let quantization: [any Op.Type] = [
    BipolarQuant.self,
    ConvIntegerToFloat.self,
    ConvTransposeIntegerToFloat.self,
    DequantizeLinear.self,
    DynamicQuantizeLinear.self,
    IntQuant.self,
    Lookup.self,
    MatMulInteger.self,
    MatMulIntegerToFloat.self,
    QLinearMatMul.self,
    QuantizeLinear.self,
    RoundToInteger.self,
    RoundWithin.self,
    Trunc.self,
  ]
}
