import IR

extension OpCatalog {
  static let convolution: [any Op.Type] = [
    Conv.self,
    ConvTranspose.self,
  ]
}
