import IR

extension OpCatalog {
  static let normalization: [any Op.Type] = []
}
