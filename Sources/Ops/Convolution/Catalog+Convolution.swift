import IR

extension OpCatalog {
  static let convolution: [any Op.Type] = [
  ]
}
