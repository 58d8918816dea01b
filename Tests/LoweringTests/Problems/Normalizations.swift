import IR
import Tensors

extension OpProblem {
  private static func rows(_ op: String, _ x: [Int], axis: Int) -> OpProblem {
    OpProblem("\(op) \(x) axis \(axis)") { g in
      [try g.node(op, [g.input(x)], ["axis": .value(.int(axis))])]
    }
  }

  private static func reduction(_ op: String, _ x: [Int], _ axes: [Int], keeps: Bool) -> OpProblem {
    OpProblem("\(op) \(x) axes \(axes)\(keeps ? " kept" : "")") { g in
      // Sums of logarithms need positive numbers.
      var value = g.input(x)
      if op == "ReduceLogSum" { value = try g.node("Exp", [value]) }
      return [
        try g.node(op, [value, g.integers(axes)], ["keepdims": .value(.int(keeps ? 1 : 0))])
      ]
    }
  }

  static let normalizations: [OpProblem] =
    ["Softmax", "LogSoftmax"].flatMap { op in
      [
        rows(op, [3, 10], axis: -1), rows(op, [3, 17], axis: 0), rows(op, [2, 5, 7], axis: 1),
        rows(op, [2, 5, 33], axis: -1), rows(op, [2, 24, 3, 4], axis: 1),
        rows(op, [4, 1], axis: 1),
        rows(op, [2, 3, 4, 5], axis: 2), rows(op, [1, 1000], axis: 1),
      ]
    } + [
      OpProblem("LayerNormalization last") { g in
        [
          try g.node(
            "LayerNormalization",
            [g.input([2, 5, 33], fixed: [2]), g.weight([33]), g.weight([33])])
        ]
      },
      OpProblem("LayerNormalization two axes, no bias") { g in
        [
          try g.node(
            "LayerNormalization", [g.input([2, 3, 5, 7], fixed: [2, 3]), g.weight([5, 7])],
            ["axis": -2, "epsilon": 0.001])
        ]
      },
      OpProblem("RMSNormalization") { g in
        [try g.node("RMSNormalization", [g.input([2, 5, 24], fixed: [2]), g.weight([24])])]
      },
      OpProblem("BatchNormalization") { g in
        [
          try g.node(
            "BatchNormalization",
            [
              g.image([2, 17, 5, 6]), g.weight([17]), g.weight([17]), g.weight([17]),
              g.positive([17]),
            ])
        ]
      },
      OpProblem("BatchNormalization of rows") { g in
        [
          try g.node(
            "BatchNormalization",
            [g.image([3, 6]), g.weight([6]), g.weight([6]), g.weight([6]), g.positive([6])])
        ]
      },
      OpProblem("InstanceNormalization") { g in
        [
          try g.node(
            "InstanceNormalization", [g.image([2, 17, 5, 6]), g.weight([17]), g.weight([17])])
        ]
      },
      OpProblem("InstanceNormalization between convolutions") { g in
        let x = try g.node("Conv", [g.image([2, 16, 6, 7]), g.weight([21, 16, 1, 1])])
        let y = try g.node("InstanceNormalization", [x, g.weight([21]), g.weight([21])])
        return [try g.node("Conv", [try g.node("Relu", [y]), g.weight([16, 21, 3, 3])])]
      },
      OpProblem("InstanceNormalization of a sequence") { g in
        [try g.node("InstanceNormalization", [g.image([2, 4, 9]), g.weight([4]), g.weight([4])])]
      },
      OpProblem("GroupNormalization") { g in
        [
          try g.node(
            "GroupNormalization", [g.image([2, 12, 5, 5]), g.weight([12]), g.weight([12])],
            ["num_groups": 3])
        ]
      },
      OpProblem("LRN") { g in [try g.node("LRN", [g.image([1, 17, 4, 5])], ["size": 5])] },
      OpProblem("LRN even") { g in
        [try g.node("LRN", [g.image([2, 5, 4])], ["size": 4, "alpha": 0.01, "bias": 2.0])]
      },
      OpProblem("LpNormalization") { g in
        [try g.node("LpNormalization", [g.input([3, 7])], ["axis": 1, "p": 2])]
      },
      OpProblem("MeanVarianceNormalization") { g in
        [try g.node("MeanVarianceNormalization", [g.image([2, 3, 5, 5])])]
      },
    ]

  static let reductions: [OpProblem] =
    ["ReduceSum", "ReduceMean", "ReduceMax"].flatMap { op in
      [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]].flatMap { axes in
        [true, false].map { reduction(op, [3, 5, 18], axes, keeps: $0) }
      }
    }
    + [
      "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSum",
      "ReduceLogSumExp",
    ].flatMap { op in
      [
        reduction(op, [2, 5, 18], [-1], keeps: true),
        reduction(op, [2, 5, 18], [0, 1], keeps: false),
      ]
    } + [
      reduction("ReduceMean", [2, 24, 5, 5], [2, 3], keeps: true),
      reduction("ReduceMean", [2, 17, 5, 5], [2, 3], keeps: false),
      reduction("ReduceSum", [2, 17, 5, 5], [1], keeps: true),
      reduction("ReduceMax", [2, 3, 4, 5, 6], [1, 3], keeps: false),
      reduction("ReduceSum", [1, 1, 1], [1], keeps: false),
      OpProblem("ReduceSum of everything") { g in
        [try g.node("ReduceSum", [g.input([3, 5, 7])], ["keepdims": 0])]
      },
      OpProblem("ReduceSum of integers") { g in
        [try g.node("ReduceSum", [g.input([3, 5, 7], .i64, range: -9..<9), g.integers([1])])]
      },
      OpProblem("ReduceMax of bytes") { g in
        [try g.node("ReduceMax", [g.input([4, 9], .i8, range: -128..<128), g.integers([1])])]
      },
      OpProblem("ArgMax") { g in
        [try g.node("ArgMax", [g.input([3, 17])], ["axis": 1, "keepdims": 0])]
      },
      OpProblem("ArgMin of channels") { g in
        [try g.node("ArgMin", [g.image([2, 5, 4, 4])], ["axis": 1, "select_last_index": 1])]
      },
      OpProblem("CumSum") { g in [try g.node("CumSum", [g.input([3, 7]), g.integers([1])])] },
    ]
}
