import IR

extension OpCatalog {
  static let reduction: [any Op.Type] = [
  ]
}
