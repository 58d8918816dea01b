import IR
import Tensors

/// What users leave open of sequences, and sizes of operands that are seldom open.
extension OpProblem {
  static let openSequences: [OpProblem] = [
    OpProblem("LSTM with states and lengths", opens: [.batch, .open]) { g in
      let x = g.input([7, 2, 5], fixed: [2])
      let inputs: [ValueID?] = [
        x, g.weight([1, 24, 5]), g.weight([1, 24, 6]), g.weight([1, 48]),
        g.input([2], .i32, range: 1..<7), g.input([1, 2, 6], fixed: [0, 2]),
        g.input([1, 2, 6], fixed: [0, 2]), g.weight([1, 18]),
      ]
      return try g.nodes("LSTM", inputs, ["hidden_size": 6], outputCount: 3)
    },
    OpProblem("Attention with a mask of open sizes") { g in
      let (q, k) = (g.input([2, 3, 5, 4], fixed: [1, 3]), g.input([2, 3, 7, 4], fixed: [1, 3]))
      let mask = g.input([2, 1, 5, 7], fixed: [1])
      return [try g.node("Attention", [q, k, k, mask])]
    },
    OpProblem("Attention with past and present") { g in
      let (q, k) = (g.input([2, 3, 5, 4], fixed: [1, 3]), g.input([2, 3, 5, 4], fixed: [1, 3]))
      let past = g.input([2, 3, 9, 4], fixed: [1, 3])
      return try g.nodes(
        "Attention", [q, k, k, nil, past, past], ["is_causal": 1], outputCount: 3)
    },
    OpProblem("RotaryEmbedding of open sequences") { g in
      let x = g.input([2, 3, 5, 4], fixed: [1, 3])
      let places = g.input([2, 5], .i64, range: 0..<9)
      return [try g.node("RotaryEmbedding", [x, g.weight([9, 2]), g.weight([9, 2]), places])]
    },
    OpProblem("TopK of open rows") { g in
      try g.nodes("TopK", [g.input([3, 20]), g.integers([7])], outputCount: 2)
    },
    OpProblem("OneHot of open sequences") { g in
      [
        try g.node(
          "OneHot", [g.input([2, 5], .i64, range: 0..<4), g.integers([4]), g.floats([0, 1])])
      ]
    },
    OpProblem("DynamicQuantizeLinear of open sequences") { g in
      try g.nodes("DynamicQuantizeLinear", [g.input([2, 5, 6])], outputCount: 3)
    },
    OpProblem("Tile by numbers that are given") { g in
      [try g.node("Tile", [g.input([2, 3]), g.input([2], .i64, fixed: [0], range: 1..<4)])]
    },
    OpProblem("Split by sizes that are given") { g in
      let sizes = g.input([3], .i64, fixed: [0], range: 2..<3)
      return try g.nodes(
        "Split", [g.input([5, 6], fixed: [1]), sizes], ["axis": 1], outputCount: 3)
    },
    OpProblem("Det of matrices of open size") { g in [try g.node("Det", [g.input([3, 5, 5])])] },
    OpProblem("ConvTranspose with windows of open size") { g in
      let (x, w) = (g.image([2, 4, 7]), g.input([4, 3, 5], fixed: [0, 1]))
      return [
        try g.node("ConvTranspose", [x, w], ["strides": [2], "dilations": [2], "pads": [1, 2]])
      ]
    },
    OpProblem("Conv with windows of open size") { g in
      let (x, w) = (g.image([2, 4, 17]), g.input([6, 2, 5], fixed: [0, 1]))
      return [
        try g.node("Conv", [x, w], ["strides": [2], "pads": [1, 2], "group": 2])
      ]
    },
  ]
}
