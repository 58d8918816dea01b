import IR

extension OpCatalog {
  static let indexing: [any Op.Type] = [
    Compress.self,
    Gather.self,
    GatherElements.self,
    GatherND.self,
    NonMaxSuppression.self,
    NonZero.self,
    OneHot.self,
    Scatter.self,
    ScatterElements.self,
    ScatterND.self,
    Slice.self,
    TensorScatter.self,
    TopK.self,
    Trilu.self,
    Unique.self,
  ]
}
