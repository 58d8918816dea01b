import IR

extension OpCatalog {
  static let generation: [any Op.Type] = [
    Bernoulli.self,
    ConstantOfShape.self,
    EyeLike.self,
    Multinomial.self,
    RandomNormal.self,
    RandomNormalLike.self,
    RandomUniform.self,
    RandomUniformLike.self,
    RangeOp.self,
  ]
}
