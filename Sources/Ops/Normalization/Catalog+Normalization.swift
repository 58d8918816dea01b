import IR

extension OpCatalog {
  static let normalization: [any Op.Type] = [
    BatchNormalization.self,
    GroupNormalization.self,
    Hardmax.self,
    InstanceNormalization.self,
    LRN.self,
    LayerNormalization.self,
    LogSoftmax.self,
    LpNormalization.self,
    MeanVarianceNormalization.self,
    NegativeLogLikelihoodLoss.self,
    RMSNormalization.self,
    Softmax.self,
    SoftmaxCrossEntropyLoss.self,
  ]
}
