import IR
import Tensors

extension OpProblem {
  private static func topK(
    _ what: String, _ x: [Int], _ type: ElementType = .f32, range: Range<Int> = 0..<3, k: Int,
    axis: Int = -1, largest: Int = 1
  ) -> OpProblem {
    OpProblem("TopK \(what)", opens: axis == -1 ? [.batch] : []) { g in
      try g.nodes(
        "TopK", [g.input(x, type, range: range), g.integers([k])],
        ["axis": .init(integerLiteral: axis), "largest": .init(integerLiteral: largest)],
        outputCount: 2)
    }
  }

  private static func suppression(
    _ what: String, classes: Int, shifts: Int, limit: Int, floor: Float?,
    _ attributes: [String: AttributeLiteral] = [:]
  ) -> OpProblem {
    OpProblem("NonMaxSuppression \(what)", opens: []) { g in
      let count = 90
      // Boxes of one group lie far from those of another.
      let shift = g.constant(
        Tensor((0..<count).map { Float($0 % shifts) * 5 }, shape: [1, count, 1]))
      let boxes = try g.node("Add", [g.input([2, count, 4]), shift])
      let scores = g.input([2, classes, count])
      return [
        try g.node(
          "NonMaxSuppression",
          [
            boxes, scores, g.integers([limit]), g.floats([0.3]), floor.map { g.floats([$0]) },
          ], attributes)
      ]
    }
  }

  private static func regions(
    _ what: String, channels: Int, _ attributes: [String: AttributeLiteral]
  ) -> OpProblem {
    OpProblem("RoiAlign \(what)", opens: []) { g in
      let corners: [Float] = [
        0, 0, 20, 16, 3.5, 2.25, 9, 14, -4, -3, 5, 6, 18, 10, 30, 30, 7, 7, 7, 7, 40, 40, 50, 50,
      ]
      let places = g.constant(Tensor(corners, shape: [6, 4]))
      return [
        try g.node(
          "RoiAlign",
          [g.image([2, channels, 9, 11]), places, g.input([6], .i64, range: 0..<2)],
          attributes.merging(["output_height": 3, "output_width": 2]) { a, _ in a })
      ]
    }
  }

  private static func scatter(
    _ what: String, _ data: [Int], _ indices: [Int], axis: Int, _ reduction: String = "none"
  ) -> OpProblem {
    OpProblem("ScatterElements \(what)", opens: []) { g in
      // Every element once, so that the order of updates does not show; sums may meet.
      let count = indices[axis]
      let inner = indices[(axis + 1)...].reduce(1, *)
      let values = (0..<indices.reduce(1, *)).map { Int64($0 / inner % count * 3 % data[axis]) }
      return [
        try g.node(
          "ScatterElements",
          [g.input(data), g.constant(Tensor(values, shape: indices)), g.input(indices)],
          ["axis": .init(integerLiteral: axis), "reduction": .init(stringLiteral: reduction)])
      ]
    }
  }

  static let selections: [OpProblem] = [
    topK("of few elements", [3, 20], k: 7),
    topK("of many elements", [3, 300], k: 40),
    topK("the smallest of many", [3, 300], k: 290, largest: 0),
    topK("equal ones", [2, 400], .i32, range: -4..<4, k: 101),
    topK("bytes", [2, 400], .u8, range: 0..<200, k: 70),
    topK("of 64 bits", [2, 150], .i64, range: -1_000_000..<1_000_000, k: 70),
    topK("in double precision", [2, 150], .f64, k: 70),
    topK("along the first axis", [150, 7], k: 30, axis: 0),
    suppression("one group", classes: 2, shifts: 1, limit: 50, floor: nil),
    suppression("of many groups", classes: 1, shifts: 30, limit: 90, floor: -0.5),
    suppression("with a limit", classes: 3, shifts: 4, limit: 5, floor: 0),
    suppression(
      "by centres", classes: 1, shifts: 6, limit: 90, floor: nil, ["center_point_box": 1]),
    regions("in blocks", channels: 32, ["sampling_ratio": 2, "spatial_scale": 0.5]),
    regions("in three blocks", channels: 48, ["spatial_scale": 0.5]),
    regions("of few channels", channels: 5, ["mode": "max", "sampling_ratio": 1]),
    regions(
      "with half pixels", channels: 16,
      ["coordinate_transformation_mode": "output_half_pixel", "mode": "max"]),
    scatter("whole slices", [7, 5, 3, 9], [4, 5, 3, 9], axis: 0),
    scatter("sums along an inner axis", [3, 7, 40], [3, 5, 40], axis: 1, "add"),
    scatter("along the last axis", [3, 7], [3, 4], axis: 1),
    scatter("fewer than elements", [7, 5, 3], [4, 3, 2], axis: 0),
  ]
}
