import IR

extension OpCatalog {
  static let quantization: [any Op.Type] = [
    ConvIntegerToFloat.self,
    DequantizeLinear.self,
    DynamicQuantizeLinear.self,
    MatMulInteger.self,
    MatMulIntegerToFloat.self,
    QLinearMatMul.self,
    QuantizeLinear.self,
    RoundToInteger.self,
    RoundWithin.self,
  ]
}
