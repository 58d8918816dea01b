import IR

extension OpCatalog {
  static let indexing: [any Op.Type] = [
    Gather.self,
    Slice.self,
  ]
}
