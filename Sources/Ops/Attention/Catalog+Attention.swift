import IR

extension OpCatalog {
  static let attention: [any Op.Type] = [
    Attention.self,
    FlexAttention.self,
    LinearAttention.self,
    RotaryEmbedding.self,
  ]
}
