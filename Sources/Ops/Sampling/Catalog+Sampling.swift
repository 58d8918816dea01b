import IR

extension OpCatalog {
  static let sampling: [any Op.Type] = [
    AffineGrid.self,
    GridSample.self,
    Resize.self,
    Upsample.self,
  ]
}
