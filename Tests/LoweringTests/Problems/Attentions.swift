import Diagnostics
import IR
import Tensors

extension OpProblem {
  /// Attention over operands of four axes `[batch, heads, rows, size]`.
  private static func attention(
    _ what: String, _ q: [Int], keys: Int, value: Int? = nil, mask: [Int]? = nil,
    _ attributes: [String: AttributeLiteral] = [:], opens: Set<Openness> = [.batch, .open]
  ) -> OpProblem {
    OpProblem("Attention \(q)x\(keys) \(what)", opens: opens) { g in
      var inputs: [ValueID?] = [
        g.input(q, fixed: [1, 3]), g.input([q[0], q[1], keys, q[3]], fixed: [1, 3]),
        g.input([q[0], q[1], keys, value ?? q[3]], fixed: [1, 3]),
      ]
      if let mask { inputs.append(g.weight(mask)) }
      return [try g.node("Attention", inputs, attributes)]
    }
  }

  /// Scores and sums written out, with a mask where one is given.
  private static func written(
    _ g: inout GraphSketch, _ q: ValueID, _ k: ValueID, _ v: ValueID, _ mask: ValueID?
  ) throws -> ValueID {
    let rank = g.shape(q).count
    let order = Array(0..<rank - 2) + [rank - 1, rank - 2]
    let keys = try g.node("Transpose", [k], ["perm": AttributeLiteral(order)])
    let product = try g.node("MatMul", [q, keys])
    var scores = try g.node("Mul", [product, g.scalar(0.3)])
    if let mask { scores = try g.node("Add", [scores, mask]) }
    return try g.node("MatMul", [g.node("Softmax", [scores]), v])
  }

  static let attentions: [OpProblem] = [
    attention("alone", [2, 3, 5, 4], keys: 7, value: 6),
    attention("one lane more than a vector", [1, 2, 29, 20], keys: 17),
    attention("whole vectors", [1, 9, 13, 16], keys: 32, opens: [.batch]),
    attention("many rows and keys", [1, 1, 140, 8], keys: 70, value: 40, opens: [.batch]),
    attention("one key", [1, 1, 3, 1], keys: 1, value: 1, opens: []),
    attention("mask", [2, 2, 6, 8], keys: 19, mask: [2, 1, 6, 19], opens: []),
    attention("short mask", [2, 2, 6, 8], keys: 19, mask: [6, 5], opens: []),
    attention("causal", [1, 2, 9, 8], keys: 9, ["is_causal": 1], opens: [.batch]),
    attention(
      "soft cap", [1, 2, 9, 8], keys: 9, ["softcap": 0.5, "scale": -0.7], opens: [.batch]),
    attention(
      "window", [1, 2, 20, 8], keys: 20, ["left_window_size": 3, "right_window_size": 2],
      opens: [.batch]),
    OpProblem("Attention, heads side by side", opens: [.batch]) { g in
      let (q, k) = (g.input([2, 7, 24], fixed: [2]), g.input([2, 9, 12], fixed: [2]))
      let v = g.input([2, 9, 10], fixed: [2])
      return [try g.node("Attention", [q, k, v], ["q_num_heads": 4, "kv_num_heads": 2])]
    },
    OpProblem("Attention in bf16 of many equal keys", opens: []) { g in
      let q = g.constant(Tensor(zeros: [1, 1, 2, 4], type: .bf16))
      let k = g.constant(Tensor(zeros: [1, 1, 301, 4], type: .bf16))
      return [try g.node("Attention", [q, k, g.input([1, 1, 301, 3], .bf16)])]
    },
    OpProblem("Attention of keys that nobody may see", opens: []) { g in
      let (q, k, v) = (g.input([1, 2, 4, 8]), g.input([1, 2, 5, 8]), g.input([1, 2, 5, 8]))
      let mask = g.constant(Tensor(Array(repeating: -Float.infinity, count: 20), shape: [4, 5]))
      return [try g.node("Attention", [q, k, v, mask])]
    },
    // Queries, keys and values side by side in one product, read where they lie.
    OpProblem("attention of packed operands", tolerance: .wholeNetwork, opens: []) { g in
      let x = try g.node("MatMul", [g.input([2, 19, 24]), g.weight([24, 72])])
      let apart = try g.node("Reshape", [x, g.integers([2, 19, 3, 2, 12])])
      let moved = try g.node("Transpose", [apart], ["perm": [2, 0, 3, 1, 4]])
      let parts = try [0, 1, 2].map {
        try g.node("Gather", [moved, g.constant(Tensor(scalar: Int64($0)))])
      }
      let y = try written(&g, parts[0], parts[1], parts[2], g.weight([1, 2, 19, 19]))
      let back = try g.node("Transpose", [y], ["perm": [0, 2, 1, 3]])
      return [try g.node("Reshape", [back, g.integers([2, 19, 24])])]
    },
    OpProblem("attention of split operands", tolerance: .wholeNetwork, opens: []) { g in
      let x = try g.node("MatMul", [g.input([1, 18, 16]), g.weight([16, 48])])
      let parts = try [0, 16, 32].map { start in
        let part = try g.node(
          "Slice", [x, g.integers([start]), g.integers([start + 16]), g.integers([2])])
        let heads = try g.node("Reshape", [part, g.integers([1, 18, 2, 8])])
        return try g.node("Transpose", [heads], ["perm": [0, 2, 1, 3]])
      }
      return [try written(&g, parts[0], parts[1], parts[2], nil)]
    },
    // Windows of a picture: a bias for each head, a mask for each window under one more axis.
    OpProblem("attention of windows", tolerance: .wholeNetwork, opens: []) { g in
      let x = try g.node("LayerNormalization", [g.input([1, 6, 6, 32]), g.weight([32])])
      let parts = [
        try g.node("Slice", [x, g.integers([2]), g.integers([6]), g.integers([1])]),
        try g.node("Slice", [x, g.integers([0]), g.integers([2]), g.integers([1])]),
      ]
      let rolled = try g.node("Concat", parts, ["axis": 1])
      let grid = try g.node("Reshape", [rolled, g.integers([1, 2, 3, 2, 3, 32])])
      let windows = try g.node("Transpose", [grid], ["perm": [0, 1, 3, 2, 4, 5]])
      let rows = try g.node("Reshape", [windows, g.integers([4, 9, 32])])
      let heads = try g.node("Reshape", [rows, g.integers([4, 9, 2, 16])])
      let q = try g.node("Transpose", [heads], ["perm": [0, 2, 1, 3]])
      let keys = try g.node("Transpose", [q], ["perm": [0, 1, 3, 2]])
      let scores = try g.node("MatMul", [g.node("Mul", [q, g.scalar(0.25)]), keys])
      let biased = try g.node("Add", [scores, g.weight([1, 2, 9, 9])])
      let apart = try g.node("Reshape", [biased, g.integers([1, 4, 2, 9, 9])])
      let masked = try g.node("Add", [apart, g.weight([1, 4, 1, 9, 9])])
      let shares = try g.node("Softmax", [g.node("Reshape", [masked, g.integers([4, 2, 9, 9])])])
      let y = try g.node("Transpose", [g.node("MatMul", [shares, q])], ["perm": [0, 2, 1, 3]])
      let product = try g.node(
        "MatMul", [g.node("Reshape", [y, g.integers([4, 9, 32])]), g.weight([32, 32])])
      let back = try g.node(
        "Transpose", [g.node("Reshape", [product, g.integers([1, 2, 2, 3, 3, 32])])],
        ["perm": [0, 1, 3, 2, 4, 5]])
      return [try g.node("Add", [g.node("Reshape", [back, g.integers([1, 6, 6, 32])]), x])]
    },
  ]
}
