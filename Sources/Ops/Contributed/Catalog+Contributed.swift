import IR

extension OpCatalog {
  static let contributed: [any Op.Type] = [
    BiasGelu.self,
    ContributedAttention.self,
    ContributedGelu.self,
    DynamicQuantizeLSTM.self,
    EmbedLayerNormalization.self,
    FastGelu.self,
    FusedConv.self,
    FusedGemm.self,
    FusedMatMul.self,
    MatMulNBits.self,
    MultiHeadAttention.self,
    QuickGelu.self,
    SimplifiedLayerNormalization.self,
    SkipLayerNormalization.self,
    SkipSimplifiedLayerNormalization.self,
  ]
}
