import IR
import Tensors

/// What users leave open of images, together: their number and both sizes, under every operator to which they mean something
/// and which has no such row elsewhere.
extension OpProblem {
  private static let image = [2, 6, 9, 7]

  private static func layer(
    _ op: String, _ what: String = "", _ attributes: [String: AttributeLiteral] = [:],
    _ x: [Int] = image,
    _ others: @escaping @Sendable (inout GraphSketch) -> [ValueID?] = { _ in [] }
  ) -> OpProblem {
    OpProblem("\(op) of open images \(what)") { g in
      let x = g.image(x)
      return [try g.node(op, [x] + others(&g), attributes)]
    }
  }

  static let openImages: [OpProblem] = [
    layer("GlobalMaxPool"),
    layer("GlobalLpPool"),
    layer("LpPool", "", ["kernel_shape": [3, 2], "strides": [2, 2], "pads": [1, 0, 1, 1]]),
    layer("Hardmax", "", ["axis": 2]),
    layer("LogSoftmax", "", ["axis": 3]),
    layer("SpaceToDepth", "", ["blocksize": 1]),
    layer("LpNormalization", "", ["axis": 2, "p": 1]),
    layer("ReverseSequence", "", ["batch_axis": 0, "time_axis": 1]) { g in
      [g.input([2], .i64, range: 1..<7)]
    },
    layer("Resize", "to twice the size", ["mode": "linear"]) { g in
      [nil, g.floats([1, 1, 2, 2])]
    },
    layer("Resize", "antialiased", ["mode": "cubic", "antialias": 1]) { g in
      [nil, g.floats([1, 1, 0.6, 0.5])]
    },
    layer("Resize", "to a size", ["mode": "linear", "axes": [2, 3]]) { g in
      [nil, nil, g.integers([5, 4])]
    },
    layer("Pad", "reflected", ["mode": "reflect"]) { g in [g.integers([0, 0, 2, 1, 0, 0, 1, 2])] },
    layer("Pad", "wrapped", ["mode": "wrap"]) { g in [g.integers([0, 0, 2, 1, 0, 0, 1, 2])] },
    layer("Pad", "cut", ["mode": "edge"]) { g in [g.integers([0, 0, -2, 1, 0, 0, 1, -1])] },
    layer("CenterCropPad", "", ["axes": [2, 3]]) { g in [g.integers([5, 11])] },
    layer("CumProd", "") { g in [g.constant(Tensor(scalar: Int64(2)))] },
    layer("RoiAlign", "", ["output_height": 3, "output_width": 2]) { g in
      let corners: [Float] = [0, 0, 5, 6, 1.5, 2.25, 4, 8, -4, -3, 5, 6]
      return [
        g.constant(Tensor(corners, shape: [3, 4])), g.input([3], .i64, fixed: [0], range: 0..<2),
      ]
    },
    layer("MaxRoiPool", "", ["pooled_shape": [3, 2]]) { g in
      [g.constant(Tensor([Float(0), 0, 0, 5, 6, 1, 1, 2, 4, 8], shape: [2, 5]))]
    },
    layer("GridSample", "bicubic", ["mode": "cubic", "padding_mode": "reflection"]) { g in
      [g.input([2, 5, 4, 2], fixed: [3])]
    },
    layer(
      "ConvTranspose", "to as many times the size", ["auto_pad": "SAME_UPPER", "strides": [3, 2]]
    ) { g in [g.weight([6, 4, 4, 3])] },
    layer("ConvTranspose", "to a size", ["output_shape": [20, 17], "strides": [2, 2]]) { g in
      [g.weight([6, 4, 3, 3]), g.weight([4])]
    },
    layer(
      "DeformConv", "", ["pads": [1, 1, 1, 1]], [2, 6, 9, 7]
    ) { g in [g.weight([4, 6, 3, 3]), g.input([2, 18, 9, 7], fixed: [1])] },
    OpProblem("QLinearConv of open images", tolerance: .exact) { g in
      let (scale, zero) = (g.scalar(0.05), g.constant(Tensor(scalar: UInt8(3))))
      let weights = g.weight([4, 6, 3, 3], .u8)
      return [
        try g.node(
          "QLinearConv",
          [
            g.input(image, .u8, fixed: [1], range: 0..<256), scale, zero, weights, scale, zero,
            g.scalar(0.1), zero,
          ],
          ["pads": [1, 1, 1, 1]])
      ]
    },
    OpProblem("resizing to the size of another open image") { g in
      let (x, like) = (g.image([2, 3, 9, 7]), g.image([2, 3, 5, 4]))
      return [
        try g.node(
          "Resize", [x, nil, nil, g.node("Shape", [like])], ["mode": "linear"])
      ]
    },
    OpProblem("patches of an open image as tokens") { g in
      let patches = try g.node(
        "Conv", [g.image([2, 3, 13, 9]), g.weight([8, 3, 4, 4])], ["strides": [4, 4]])
      let rows = try g.node("Reshape", [patches, g.integers([0, 0, -1])])
      return [try g.node("Transpose", [rows], ["perm": [0, 2, 1]])]
    },
    OpProblem("windows of an open image") { g in
      let x = g.input([2, 8, 12, 5], fixed: [3])
      let shape = try g.node("Shape", [x])
      func size(_ axis: Int) throws -> ValueID {
        try g.node("Gather", [shape, g.integers([axis])])
      }
      let four = g.integers([4])
      let parts = [
        try size(0), try g.node("Div", [size(1), four]), four, try g.node("Div", [size(2), four]),
        four, try size(3),
      ]
      let cut = try g.node(
        "Reshape",
        [
          g.node("Slice", [x, g.integers([0, 0]), g.integers([8, 12]), g.integers([1, 2])]),
          g.node("Concat", parts, ["axis": 0]),
        ])
      return [try g.node("Transpose", [cut], ["perm": [0, 1, 3, 2, 4, 5]])]
    },
  ]
}
