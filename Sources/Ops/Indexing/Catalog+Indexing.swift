import IR

extension OpCatalog {
  static let indexing: [any Op.Type] = [
  ]
}
