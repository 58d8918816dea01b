import Diagnostics
import IR
import Ops
import Tensors

extension OperatorRecipes {
  /// Recurrent operators, attention and the steps of training.
  static let networks: [OperatorRecipe] = [
    OperatorRecipe("RNN", "GRU", "LSTM") { (grower, name) throws(Diagnostic) in
      let gates = name == "LSTM" ? 4 : name == "GRU" ? 3 : 1
      let type = grower.type(name, "T", among: [.f32, .f32, .f64])
      let direction = grower.pick(["forward", "reverse", "bidirectional"])
      let directions = direction == "bidirectional" ? 2 : 1
      let (steps, batch, inputs, hidden) = (
        grower.number(1...4), grower.number(1...3), grower.number(1...5), grower.pick([1, 2, 4, 8])
      )
      let isBatchFirst = grower.chance(1, of: 4)
      let x = grower.value(
        type, shape: isBatchFirst ? [batch, steps, inputs] : [steps, batch, inputs])
      let state = isBatchFirst ? [batch, directions, hidden] : [directions, batch, hidden]
      let weights = { (grower: inout GraphGrower, width: Int) in
        grower.value(type, shape: [directions, gates * hidden, width], .within(-1, 1))
      }
      let w = weights(&grower, inputs)
      let r = weights(&grower, hidden)
      let b =
        grower.flag()
        ? grower.value(type, shape: [directions, 2 * gates * hidden], .within(-1, 1)) : nil
      let lengths =
        grower.chance(1, of: 4)
        ? grower.fresh(Numbers.within(1, Double(steps)).tensor(.i32, [batch], &grower.random)) : nil
      let first = grower.flag() ? grower.value(type, shape: state, .within(-1, 1)) : nil
      var operands = [x, w, r, b, lengths, first]
      if name == "LSTM" {
        operands.append(grower.flag() ? grower.value(type, shape: state, .within(-1, 1)) : nil)
        operands.append(
          grower.chance(1, of: 4)
            ? grower.value(type, shape: [directions, 3 * hidden], .within(-1, 1)) : nil)
      }
      let isLinear = name == "GRU" && grower.flag()
      try grower.apply(name, operands, outputs: name == "LSTM" ? 3 : 2) {
        $0.int("hidden_size", hidden)
        $0.string("direction", direction, default: "forward")
        $0.flag("layout", isBatchFirst)
        $0.flag("linear_before_reset", isLinear)
      }
    },
    OperatorRecipe("Attention") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T1", among: [.f32, .f32, .f16, .f64])
      let (batch, keyHeads, size, valueSize) = (
        grower.number(1...2), grower.number(1...2), grower.pick([1, 4, 8]), grower.pick([1, 4, 8])
      )
      let heads = keyHeads * grower.number(1...2)
      let (queries, keys) = (grower.number(1...5), grower.number(1...6))
      let isFlat = grower.chance(1, of: 3)
      let form = { (heads: Int, count: Int, size: Int) in
        isFlat ? [batch, count, heads * size] : [batch, heads, count, size]
      }
      let q = grower.value(type, shape: form(heads, queries, size), .within(-2, 2))
      let k = grower.value(type, shape: form(keyHeads, keys, size), .within(-2, 2))
      let v = grower.value(type, shape: form(keyHeads, keys, valueSize), .within(-2, 2))
      let mask =
        grower.chance(1, of: 3)
        ? grower.value(grower.pick([type, type, .bool]), shape: [queries, keys], .within(-2, 2))
        : nil
      let isCausal = mask == nil && grower.chance(1, of: 3)
      let cap = grower.chance(1, of: 4) ? 2.0 : 0
      let scale = grower.chance(1, of: 3) ? 0.5 : nil
      try grower.apply(name, [q, k, v, mask]) {
        if isFlat {
          $0.int("q_num_heads", heads)
          $0.int("kv_num_heads", keyHeads)
        }
        $0.flag("is_causal", isCausal)
        $0.float("softcap", cap, default: 0)
        $0.float("scale", scale)
      }
    },
    OperatorRecipe("RotaryEmbedding") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T")
      let (batch, heads, steps, half) = (
        grower.number(1...2), grower.number(1...3), grower.number(1...4), grower.number(1...4)
      )
      let isFlat = grower.flag()
      let x = grower.value(
        type, shape: isFlat ? [batch, steps, heads * 2 * half] : [batch, heads, steps, 2 * half])
      let hasPositions = grower.flag()
      let cache = hasPositions ? [steps + 2, half] : [batch, steps, half]
      let tables = (0..<2).map { _ in grower.value(type, shape: cache, .within(-1, 1)) }
      let positions =
        hasPositions
        ? grower.indices(.i64, [batch, steps], below: steps + 2, negative: false) : nil
      let isInterleaved = grower.flag()
      try grower.apply(name, [x] + tables + [positions]) {
        if isFlat { $0.int("num_heads", heads) }
        $0.flag("interleaved", isInterleaved)
      }
    },
    OperatorRecipe("LinearAttention") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T")
      let (batch, steps, heads, size, valueSize) = (
        grower.number(1...2), grower.number(1...4), grower.number(1...2), grower.number(1...4),
        grower.number(1...4)
      )
      let rule = grower.pick(["linear", "gated", "delta", "gated_delta"])
      let q = grower.value(type, shape: [batch, steps, heads * size], .within(-1, 1))
      let k = grower.value(type, shape: [batch, steps, heads * size], .within(-1, 1))
      let v = grower.value(type, shape: [batch, steps, heads * valueSize], .within(-1, 1))
      let decay =
        rule.hasPrefix("gated")
        ? grower.value(type, shape: [batch, steps, heads], .within(-1, 0)) : nil
      let beta =
        rule.hasSuffix("delta")
        ? grower.value(type, shape: [batch, steps, heads], .within(0, 1)) : nil
      try grower.apply(name, [q, k, v, nil, decay, beta], outputs: 2) {
        $0.int("q_num_heads", heads)
        $0.int("kv_num_heads", heads)
        $0.string("update_rule", rule, default: "gated_delta")
      }
    },
    OperatorRecipe(
      "ai.onnx.preview.training.Adagrad", "ai.onnx.preview.training.Adam",
      "ai.onnx.preview.training.Momentum"
    ) { (grower, name) throws(Diagnostic) in
      let shape = grower.filledShape(rank: 1...2)
      let rate = grower.fresh(Tensor(scalar: Float(0.125)))
      let count = grower.fresh(Tensor(scalar: Int64(grower.below(3))))
      let isAdam = name.hasSuffix("Adam")
      // Squares that are kept are not negative.
      let tensors = (0..<(isAdam ? 4 : 3)).map { number in
        grower.value(.f32, shape: shape, number < 2 ? .tame : .within(0, 2))
      }
      try grower.apply(name, [rate, count] + tensors, outputs: isAdam ? 3 : 2) {
        $0.float("norm_coefficient", 0.125)
        if name.hasSuffix("Momentum") {
          $0.float("alpha", 0.5)
          $0.float("beta", 0.25)
          $0.string("mode", "nesterov")
        }
      }
    },
  ]
}
