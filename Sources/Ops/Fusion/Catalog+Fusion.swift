import IR

extension OpCatalog {
  static let fusion: [any Op.Type] = [
    Fused.self
  ]
}
