import IR

extension OpCatalog {
  static let attention: [any Op.Type] = [
    Attention.self,
    RotaryEmbedding.self,
  ]
}
