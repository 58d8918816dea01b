import IR

extension OpCatalog {
  static let sampling: [any Op.Type] = [
    Resize.self,
    Upsample.self,
  ]
}
