import IR

extension OpCatalog {
  static let movement: [any Op.Type] = [
    CenterCropPad.self,
    Concat.self,
    DepthToSpace.self,
    Expand.self,
    Flatten.self,
    Pad.self,
    Reshape.self,
    ReverseSequence.self,
    Shape.self,
    Size.self,
    SpaceToDepth.self,
    Split.self,
    Squeeze.self,
    Tile.self,
    Transpose.self,
    Unsqueeze.self,
  ]
}
