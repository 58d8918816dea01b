import IR

extension OpCatalog {
  static let generation: [any Op.Type] = [
  ]
}
