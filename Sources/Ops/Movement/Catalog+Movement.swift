import IR

extension OpCatalog {
  static let movement: [any Op.Type] = [
  ]
}
