import IR

extension OpCatalog {
  static let movement: [any Op.Type] = [
    CenterCropPad.self,
    Concat.self,
    Expand.self,
    Flatten.self,
    Reshape.self,
    Shape.self,
    Size.self,
    Split.self,
    Squeeze.self,
    Transpose.self,
    Unsqueeze.self,
  ]
}
