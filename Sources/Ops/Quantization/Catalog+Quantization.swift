import IR

extension OpCatalog {
  static let quantization: [any Op.Type] = [
    DequantizeLinear.self,
    DynamicQuantizeLinear.self,
    MatMulInteger.self,
    QLinearMatMul.self,
    QuantizeLinear.self,
  ]
}
