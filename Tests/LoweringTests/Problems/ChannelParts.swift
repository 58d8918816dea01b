import Diagnostics
import IR
import Tensors

extension OpProblem {
  private static func chain(
    _ what: String, opens: Set<Openness> = [.batch, .open],
    _ build: @escaping @Sendable (inout GraphSketch) throws -> [ValueID]
  ) -> OpProblem {
    OpProblem("channels side by side: \(what)", tolerance: .minimalFiltering, opens: opens, build)
  }

  private static func conv(
    _ g: inout GraphSketch, _ x: ValueID, _ channels: Int, to filters: Int, kernel: Int = 1
  ) throws -> ValueID {
    let pad = AttributeLiteral(Array(repeating: kernel / 2, count: 4))
    let y = try g.node("Conv", [x, g.weight([filters, channels, kernel, kernel])], ["pads": pad])
    return try g.node("Relu", [y])
  }

  /// Concatenations whose inputs are computed in place, all of them or some, and pieces that are only views.
  static let channelParts: [OpProblem] = [
    chain("all in blocks") { g in
      let x = try conv(&g, g.image([1, 16, 7, 6]), 16, to: 16)
      let parts = [
        try conv(&g, x, 16, to: 32), try conv(&g, x, 16, to: 16, kernel: 3), x,
        try conv(&g, x, 16, to: 9),
      ]
      return [try conv(&g, g.node("Concat", parts, ["axis": 1]), 73, to: 24, kernel: 3)]
    },
    chain("some begin inside a block") { g in
      let x = g.image([1, 16, 5, 6])
      let parts = [
        try conv(&g, x, 16, to: 24), try conv(&g, x, 16, to: 8, kernel: 3),
        try conv(&g, x, 16, to: 20),
        try conv(&g, x, 16, to: 12),
      ]
      return [try conv(&g, g.node("Concat", parts, ["axis": 1]), 64, to: 16)]
    },
    chain("grown layer by layer") { g in
      var features = [try conv(&g, g.image([1, 3, 8, 7]), 3, to: 32, kernel: 3)]
      for layer in 0..<3 {
        let all = try g.node("Concat", features.map { $0 }, ["axis": 1])
        let small = try conv(&g, all, 32 + layer * 16, to: 16)
        features.append(try conv(&g, small, 16, to: 16, kernel: 3))
      }
      return [try conv(&g, g.node("Concat", features.map { $0 }, ["axis": -3]), 80, to: 16)]
    },
    chain("a first part that ends inside a block") { g in
      let x = try conv(&g, g.image([1, 16, 6, 5]), 16, to: 16)
      let y = try conv(&g, x, 16, to: 24)
      let first = try g.node("Concat", [x, y], ["axis": 1])
      let z = try conv(&g, first, 40, to: 40)
      let all = try g.node("Concat", [x, y, z], ["axis": 1])
      return [try conv(&g, all, 80, to: 16), try conv(&g, first, 40, to: 16, kernel: 3)]
    },
    chain("a shuffle and a split within blocks", opens: []) { g in
      let x = g.image([1, 5, 6, 7])
      var parts = [try conv(&g, x, 5, to: 29), try conv(&g, x, 5, to: 29, kernel: 3)]
      var halves: [ValueID] = []
      for _ in 0..<3 {
        let all = try g.node("Concat", parts, ["axis": 1])
        let dealt = try g.node("Reshape", [all, g.integers([1, 2, 29, 6, 7])])
        let turned = try g.node("Transpose", [dealt], ["perm": [0, 2, 1, 3, 4]])
        let mixed = try g.node("Reshape", [turned, g.integers([1, 58, 6, 7])])
        let one = g.integers([1])
        halves = [
          try g.node("Slice", [mixed, g.integers([0]), g.integers([29]), one]),
          try g.node("Slice", [mixed, g.integers([29]), g.integers([58]), one]),
        ]
        parts = [halves[0], try conv(&g, halves[1], 29, to: 29)]
      }
      let all = try g.node("Concat", parts, ["axis": 1])
      let each = try g.node(
        "Conv", [all, g.weight([58, 1, 3, 3]), g.weight([58])],
        ["group": 58, "pads": [1, 1, 1, 1], "strides": [2, 2]])
      return [try conv(&g, each, 58, to: 20), try conv(&g, all, 58, to: 20)]
    },
    chain("blocks in another order and channels of many", opens: []) { g in
      let x = try conv(&g, g.image([1, 3, 6, 5]), 3, to: 64)
      let blocks = g.integers([Int](32..<64) + [Int](0..<16))
      let some = g.integers((0..<24).map { $0 * 37 % 64 - ($0 % 2) * 64 })
      return [
        try conv(&g, g.node("Gather", [x, blocks], ["axis": 1]), 48, to: 9, kernel: 3),
        try g.node("Relu", [g.node("Gather", [x, blocks], ["axis": -3])]),
        try conv(&g, g.node("Gather", [x, some], ["axis": 1]), 24, to: 16),
        try g.node(
          "Relu",
          [
            g.node(
              "Slice",
              [
                g.node("Gather", [x, blocks], ["axis": 1]), g.integers([20]), g.integers([48]),
                g.integers([1]),
              ])
          ]),
      ]
    },
    chain("nested") { g in
      let x = try conv(&g, g.image([1, 16, 6, 6]), 16, to: 16)
      let pair = try g.node(
        "Concat", [conv(&g, x, 16, to: 16), conv(&g, x, 16, to: 32)], ["axis": 1])
      let all = try g.node("Concat", [x, pair], ["axis": 1])
      return [try conv(&g, all, 64, to: 16), try conv(&g, pair, 48, to: 16, kernel: 3)]
    },
    chain("in two orders, and twice") { g in
      let x = try conv(&g, g.image([1, 16, 6, 5]), 16, to: 16)
      let y = try conv(&g, x, 16, to: 16)
      let one = try g.node("Concat", [x, y, y], ["axis": 1])
      let other = try g.node("Concat", [y, x], ["axis": 1])
      return [try conv(&g, one, 48, to: 16), try conv(&g, other, 32, to: 16), y]
    },
    chain("a skip connection", opens: [.batch]) { g in
      let skip = try conv(&g, g.image([1, 16, 8, 8]), 16, to: 32, kernel: 3)
      let pooled = try g.node("MaxPool", [skip], ["kernel_shape": [2, 2], "strides": [2, 2]])
      let low = try conv(&g, pooled, 32, to: 16, kernel: 3)
      let up = try g.node(
        "ConvTranspose", [low, g.weight([16, 16, 2, 2])], ["strides": [2, 2]])
      return [try conv(&g, g.node("Concat", [up, skip], ["axis": 1]), 48, to: 16, kernel: 3)]
    },
    chain("of a plain input") { g in
      let x = g.image([1, 32, 6, 6])
      let y = try conv(&g, x, 32, to: 16, kernel: 3)
      return [try conv(&g, g.node("Concat", [x, y], ["axis": 1]), 48, to: 16, kernel: 3)]
    },
    chain("split and joined", opens: [.batch]) { g in
      let x = try conv(&g, g.image([1, 16, 6, 7]), 16, to: 64)
      let halves = try g.nodes("Split", [x], ["axis": 1], outputCount: 2)
      let first = try conv(&g, halves[1], 32, to: 32, kernel: 3)
      let second = try conv(&g, first, 32, to: 32, kernel: 3)
      let all = try g.node("Concat", [halves[0], halves[1], first, second], ["axis": 1])
      return [try conv(&g, all, 128, to: 16)]
    },
    chain("a slice of blocks", opens: [.batch]) { g in
      let x = try conv(&g, g.image([1, 16, 6, 7]), 16, to: 64)
      let piece = try g.node(
        "Slice", [x, g.integers([16]), g.integers([40]), g.integers([1])])
      return [try conv(&g, piece, 24, to: 16), try g.node("Tanh", [piece])]
    },
  ]
}
