import IR

extension OpCatalog {
  static let convolution: [any Op.Type] = [
    CausalConvWithState.self,
    Col2Im.self,
    Conv.self,
    ConvInteger.self,
    ConvTranspose.self,
    DeformConv.self,
    QLinearConv.self,
  ]
}
