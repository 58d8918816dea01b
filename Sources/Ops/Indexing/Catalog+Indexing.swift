import IR

extension OpCatalog {
  static let indexing: [any Op.Type] = [
    Compress.self,
    Gather.self,
    GatherElements.self,
    GatherND.self,
    NonZero.self,
    OneHot.self,
    Scatter.self,
    ScatterElements.self,
    ScatterND.self,
    Slice.self,
    TopK.self,
    Trilu.self,
  ]
}
