import IR

extension OpCatalog {
  static let pooling: [any Op.Type] = []
}
