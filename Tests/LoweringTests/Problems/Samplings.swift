import IR
import Tensors

extension OpProblem {
  private static func resize(
    _ what: String, _ x: [Int], scales: [Float]? = nil, sizes: [Int]? = nil,
    _ attributes: [String: AttributeLiteral]
  ) -> OpProblem {
    OpProblem("Resize \(x) \(what)", opens: sizes == nil ? [.batch, .open] : []) { g in
      let inputs = [
        g.image(x), nil, scales.map { g.floats($0) }, sizes.map { g.integers($0) },
      ]
      return [try g.node("Resize", inputs, attributes)]
    }
  }

  static let samplings: [OpProblem] = [
    resize(
      "nearest, asymmetric", [1, 17, 4, 5], scales: [1, 1, 2, 2],
      ["mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"]),
    resize("nearest", [1, 3, 4, 5], scales: [1, 1, 2, 3], ["mode": "nearest"]),
    resize("nearest, smaller", [1, 3, 8, 9], scales: [1, 1, 0.5, 0.6], ["mode": "nearest"]),
    resize("linear", [1, 5, 4, 5], scales: [1, 1, 2, 2], ["mode": "linear"]),
    resize(
      "linear, corners", [2, 16, 4, 5], sizes: [2, 16, 9, 7],
      ["mode": "linear", "coordinate_transformation_mode": "align_corners"]),
    resize(
      "linear to sizes", [1, 3, 7, 7], sizes: [1, 3, 13, 5],
      ["mode": "linear", "coordinate_transformation_mode": "pytorch_half_pixel"]),
    resize(
      "cubic to one row", [1, 2, 5, 6], sizes: [1, 2, 1, 9],
      ["mode": "cubic", "coordinate_transformation_mode": "pytorch_half_pixel"]),
    resize("cubic", [1, 2, 5, 6], sizes: [1, 2, 9, 11], ["mode": "cubic"]),
    resize("volume", [1, 3, 3, 4, 5], scales: [1, 1, 2, 2, 2], ["mode": "linear"]),
    resize("sequence", [1, 4, 9], scales: [1, 1, 1.5], ["mode": "linear"]),
    OpProblem("Gather rows") { g in
      [try g.node("Gather", [g.weight([9, 5]), g.input([2, 3], .i64, range: -9..<9)])]
    },
    OpProblem("Gather columns") { g in
      [
        try g.node(
          "Gather", [g.input([3, 7, 4], fixed: [1]), g.input([2], .i32, range: 0..<7)],
          ["axis": 1])
      ]
    },
    OpProblem("Gather one") { g in
      [
        try g.node(
          "Gather", [g.input([3, 7, 4]), g.constant(Tensor(scalar: Int64(-1)))], ["axis": 1])
      ]
    },
    OpProblem("GatherElements") { g in
      [
        try g.node(
          "GatherElements", [g.input([3, 7], fixed: [1]), g.input([3, 2], .i64, range: -7..<7)],
          ["axis": 1])
      ]
    },
    OpProblem("GatherND") { g in
      [
        try g.node(
          "GatherND", [g.input([3, 4, 5], fixed: [0, 1]), g.input([6, 2], .i64, fixed: [1])])
      ]
    },
  ]
}
