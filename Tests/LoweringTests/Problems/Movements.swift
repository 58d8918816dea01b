import IR
import Tensors

extension OpProblem {
  private static func transpose(_ x: [Int], _ order: [Int]) -> OpProblem {
    OpProblem("Transpose \(x) to \(order)") { g in
      [try g.node("Transpose", [g.input(x)], ["perm": AttributeLiteral(order)])]
    }
  }

  /// A slice whose bounds hold for the opened sizes, too.
  private static func slice(
    _ x: [Int], from starts: [Int], to ends: [Int], axes: [Int], steps: [Int]
  ) -> OpProblem {
    OpProblem("Slice \(x) \(starts)..<\(ends) of \(axes) by \(steps)") { g in
      let inputs = [starts, ends, axes, steps].map { g.integers($0) }
      return [try g.node("Slice", [g.input(x)] + inputs)]
    }
  }

  private static func pad(_ mode: String, _ x: [Int], _ pads: [Int]) -> OpProblem {
    OpProblem("Pad \(mode) \(x) by \(pads)") { g in
      let filler = mode == "constant" ? g.scalar(1.5) : nil
      return [
        try g.node(
          "Pad", [g.input(x), g.integers(pads), filler], ["mode": .value(.string(mode))])
      ]
    }
  }

  private static func concat(_ shapes: [[Int]], axis: Int) -> OpProblem {
    OpProblem("Concat \(shapes.map { "\($0)" }.joined()) axis \(axis)") { g in
      let inputs = shapes.map { g.input($0, fixed: [axis]) }
      return [try g.node("Concat", inputs, ["axis": .value(.int(axis))])]
    }
  }

  static let movements: [OpProblem] = [
    transpose([3, 5], [1, 0]), transpose([2, 3, 4], [2, 0, 1]), transpose([2, 3, 4], [0, 2, 1]),
    transpose([2, 17, 5, 6], [0, 2, 3, 1]), transpose([2, 5, 6, 17], [0, 3, 1, 2]),
    transpose([2, 4, 5, 8], [0, 2, 1, 3]), transpose([1, 3, 1, 5], [3, 2, 1, 0]),
    transpose([2, 3, 4, 5, 6], [4, 1, 3, 0, 2]), transpose([33, 65], [1, 0]),
    slice([6, 7], from: [1], to: [4], axes: [0], steps: [1]),
    slice([6, 7], from: [0, 1], to: [5, 6], axes: [0, 1], steps: [2, 3]),
    slice([6, 7], from: [-1], to: [-100], axes: [1], steps: [-1]),
    slice([6, 7], from: [5], to: [0], axes: [1], steps: [-2]),
    slice([2, 17, 5], from: [3], to: [1000], axes: [1], steps: [1]),
    slice([2, 17, 5], from: [-4], to: [-1], axes: [-2], steps: [1]),
    pad("constant", [2, 3, 5], [1, 0, 2, 0, 1, 3]), pad("reflect", [2, 5, 6], [0, 2, 1, 0, 1, 3]),
    pad("edge", [2, 5, 6], [0, 2, 1, 1, 1, 3]), pad("wrap", [2, 5, 6], [0, 2, 1, 0, 1, 3]),
    pad("constant", [2, 17, 5, 5], [0, 0, 1, 1, 0, 0, 2, 2]),
    pad("constant", [5, 8], [-1, 0, 0, -2]),
    pad("reflect", [1, 3, 6, 6], [0, 0, 3, 3, 0, 0, 3, 3]),
    concat([[2, 3, 4], [2, 5, 4]], axis: 1), concat([[3, 5], [1, 5], [4, 5]], axis: 0),
    concat([[2, 17, 3, 3], [2, 5, 3, 3], [2, 24, 3, 3]], axis: 1),
    concat([[2, 3, 4], [2, 3, 1]], axis: 2), concat([[4]], axis: 0),
    OpProblem("Concat of one value twice") { g in
      let x = g.image([1, 5, 4, 4])
      return [try g.node("Concat", [x, x], ["axis": 1])]
    },
    OpProblem("Split evenly") { g in
      try g.nodes(
        "Split", [g.input([2, 9, 4], fixed: [1])], ["axis": 1, "num_outputs": 3], outputCount: 3)
    },
    OpProblem("Split unevenly") { g in
      try g.nodes(
        "Split", [g.input([2, 9, 4], fixed: [1]), g.integers([2, 6, 1])], ["axis": 1],
        outputCount: 3)
    },
    OpProblem("Expand") { g in
      [try g.node("Expand", [g.input([3, 1], fixed: [0]), g.integers([2, 3, 5])])]
    },
    OpProblem("Tile") { g in [try g.node("Tile", [g.input([2, 3]), g.integers([2, 3])])] },
    OpProblem("Reshape") { g in
      [try g.node("Reshape", [g.input([2, 3, 8], fixed: [1, 2]), g.integers([0, 4, -1])])]
    },
    OpProblem("Flatten") { g in
      [try g.node("Flatten", [g.input([2, 17, 3, 3])], ["axis": 1])]
    },
    OpProblem("Squeeze and unsqueeze") { g in
      let x = try g.node("Squeeze", [g.input([2, 1, 5, 1]), g.integers([1, 3])])
      return [try g.node("Unsqueeze", [x, g.integers([0, 3])])]
    },
    OpProblem("DepthToSpace DCR") { g in
      [try g.node("DepthToSpace", [g.image([1, 12, 3, 4])], ["blocksize": 2])]
    },
    OpProblem("DepthToSpace CRD") { g in
      [try g.node("DepthToSpace", [g.image([2, 8, 3, 4])], ["blocksize": 2, "mode": "CRD"])]
    },
    OpProblem("SpaceToDepth", opens: []) { g in
      [try g.node("SpaceToDepth", [g.image([1, 3, 4, 6])], ["blocksize": 2])]
    },
    OpProblem("Trilu") { g in [try g.node("Trilu", [g.input([2, 5, 6])], ["upper": 0])] },
    OpProblem("an input is an output") { g in
      let x = g.input([3, 4])
      return [x, try g.node("Relu", [x])]
    },
    OpProblem("one value is two outputs") { g in
      let y = try g.node("Relu", [g.input([3, 4])])
      return [y, y]
    },
    OpProblem("a constant is an output") { g in
      let x = g.input([3, 4])
      return [try g.node("Neg", [x]), g.weight([2, 3])]
    },
    OpProblem("a reshaped value is an output beside its source") { g in
      let y = try g.node("Relu", [g.input([3, 4], fixed: [1])])
      return [y, try g.node("Flatten", [y], ["axis": 0])]
    },
    OpProblem("a shape is an output") { g in
      let x = g.input([3, 4])
      return [try g.node("Shape", [x]), try g.node("Neg", [x])]
    },
  ]
}
