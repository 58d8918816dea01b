import IR

extension OpCatalog {
  static let sampling: [any Op.Type] = [
    AffineGrid.self,
    GridSample.self,
    ImageDecoder.self,
    Resize.self,
    Upsample.self,
  ]
}
