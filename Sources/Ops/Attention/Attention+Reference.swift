package import Diagnostics
import Glibc
package import IR
package import Tensors

extension Attention {
  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let geometry = try AttentionGeometry(
      query: inputs[0].symbolicShape, key: inputs[1].symbolicShape,
      value: inputs[2].symbolicShape, pastKey: inputs.optional(4)?.symbolicShape,
      pastValue: inputs.optional(5)?.symbolicShape, queryHeads: queryHeads, keyHeads: keyHeads)
    let sizes = AttentionSizes(geometry)
    // Half precisions round after every step of the standard's function body; wider types round once, at the end.
    let type = inputs[0].type
    let round = HalfRounding(type)
    let scale = scale ?? 1 / Double(sizes.size).squareRoot()
    let factor = round(scale.magnitude.squareRoot())
    let sign = scale < 0 ? -1.0 : 1
    let q = HeadLayout(inputs[0].shape, heads: queryHeads).gathered(inputs[0].doubles)
      .map { round($0 * factor) * sign }
    let k = present(inputs[1], inputs.optional(4), sizes, sizes.size)
    let v = present(inputs[2], inputs.optional(5), sizes, sizes.valueSize)
    let bias = try bias(inputs, geometry, sizes)
    var scores: [Double] = []
    var shown: [Double] = []
    let scaledKeys = k.map { round($0 * factor) }
    for n in 0..<sizes.batch {
      for h in 0..<sizes.heads {
        let keys = (n * sizes.keyHeads + h / sizes.headsPerKey) * sizes.total
        for s in 0..<sizes.queries {
          let row = (n * sizes.heads + h) * sizes.queries + s
          var lane: [Double] = []
          for t in 0..<sizes.total {
            var sum = 0.0
            for e in 0..<sizes.size {
              sum += q[row * sizes.size + e] * scaledKeys[(keys + t) * sizes.size + e]
            }
            lane.append(round(sum))
          }
          let mask = bias[row * sizes.total..<(row + 1) * sizes.total]
          finish(&lane, mask, round, &shown)
          scores += lane
        }
      }
    }
    let y = combine(scores, v, sizes)
    return [
      Tensor(
        doubles: output(y, inputs[0].rank, sizes), shape: geometry.output.map(\.constant),
        type: type),
      Tensor(doubles: k, shape: geometry.presentKey.map(\.constant), type: inputs[1].type),
      Tensor(doubles: v, shape: geometry.presentValue.map(\.constant), type: inputs[2].type),
      Tensor(doubles: shown, shape: geometry.scores.map(\.constant), type: type),
    ]
  }

  /// Turns one row of products into probabilities and notes what the fourth output shows of it.
  private func finish(
    _ lane: inout [Double], _ mask: ArraySlice<Double>, _ round: HalfRounding,
    _ shown: inout [Double]
  ) {
    if scoresMode == 0 { shown += lane }
    if softcap > 0 { lane = lane.map { round(softcap * tanh($0 / softcap)) } }
    if scoresMode == 1 { shown += lane }
    lane = zip(lane, mask).map { round($0 + $1) }
    if scoresMode == 2 { shown += lane }
    if mask.allSatisfy({ $0 == -.infinity }) {
      lane = lane.map { _ in 0 }
    } else {
      round.softmax(&lane)
    }
    if scoresMode == 3 { shown += lane }
  }

  /// Earlier and new keys or values as `[N, kv heads, total, size]`.
  private func present(
    _ new: Tensor, _ past: Tensor?, _ sizes: AttentionSizes, _ size: Int
  ) -> [Double] {
    let current = HeadLayout(new.shape, heads: keyHeads).gathered(new.doubles)
    guard let past = past?.doubles else { return current }
    var result: [Double] = []
    for head in 0..<sizes.batch * sizes.keyHeads {
      result += past[head * sizes.past * size..<(head + 1) * sizes.past * size]
      result += current[head * sizes.keys * size..<(head + 1) * sizes.keys * size]
    }
    return result
  }

  /// What is added to the scores: the mask, and minus infinity wherever a query may not look.
  private func bias(
    _ inputs: Operands, _ geometry: AttentionGeometry, _ sizes: AttentionSizes
  ) throws(Diagnostic) -> [Double] {
    let shape = geometry.scores.map(\.constant)
    var bias = Array(repeating: 0.0, count: shape.elementCount)
    if let mask = inputs.optional(3) {
      try geometry.checkMask(mask.symbolicShape)
      let values =
        mask.type == .bool
        ? (mask.integers ?? []).map { $0 != 0 ? 0.0 : -.infinity }
        : mask.rank == 0
          ? Array(repeating: mask.doubles[0], count: sizes.total) : mask.doubles
      let width = mask.shape.last ?? sizes.total
      let rows = Array(shape.dropLast()) + [1]
      let own = Array(mask.shape.dropLast()) + [1]
      var index = 0
      Broadcasting.forEach(rows, rows, own) { _, row in
        for t in 0..<sizes.total {
          // A mask for fewer keys hides the rest.
          bias[index + t] = t < width ? values[row * width + t] : -.infinity
        }
        index += sizes.total
      }
    }
    let lengths = inputs.optional(6)?.integers
    guard lengths == nil || lengths?.count == sizes.batch else {
      throw Diagnostic(
        "shape.attention",
        "nonpad_kv_seqlen has \(lengths?.count ?? 0) elements, expected \(sizes.batch)")
    }
    var index = 0
    for n in 0..<sizes.batch {
      let offset =
        inputs.optional(4) == nil ? lengths.map { $0[n] - sizes.queries } ?? 0 : sizes.past
      let limit = lengths?[n] ?? sizes.total
      for _ in 0..<sizes.heads {
        for s in 0..<sizes.queries {
          for t in 0..<sizes.total {
            if t >= limit || !isVisible(t, from: s &+ offset) { bias[index] = -.infinity }
            index += 1
          }
        }
      }
    }
    return bias
  }

  /// Whether a query at a position may look at key `t`.
  private func isVisible(_ t: Int, from position: Int) -> Bool {
    if isCausal, t > position { return false }
    if leftWindow >= 0, position &- t > leftWindow { return false }
    return rightWindow < 0 || t &- position <= rightWindow
  }

  /// Probabilities times values as `[N, heads, S, Ev]`.
  private func combine(_ scores: [Double], _ v: [Double], _ sizes: AttentionSizes) -> [Double] {
    let product = MatrixProduct(rows: sizes.queries, depth: sizes.total, columns: sizes.valueSize)
    let matrix = sizes.queries * sizes.valueSize
    var y = Array(repeating: 0.0, count: sizes.batch * sizes.heads * matrix)
    for n in 0..<sizes.batch {
      for h in 0..<sizes.heads {
        let head = n * sizes.heads + h
        let values = n * sizes.keyHeads + h / sizes.headsPerKey
        product.add(
          scores, .rowMajor(columns: sizes.total, offset: head * sizes.queries * sizes.total), v,
          .rowMajor(
            columns: sizes.valueSize, offset: values * sizes.total * sizes.valueSize),
          to: &y, at: head * matrix)
      }
    }
    return y
  }

  /// The result in the form of the query: heads side by side where that is three-dimensional.
  private func output(_ y: [Double], _ rank: Int, _ sizes: AttentionSizes) -> [Double] {
    guard rank == 3 else { return y }
    var result: [Double] = []
    for n in 0..<sizes.batch {
      for s in 0..<sizes.queries {
        for h in 0..<sizes.heads {
          let start = ((n * sizes.heads + h) * sizes.queries + s) * sizes.valueSize
          result += y[start..<start + sizes.valueSize]
        }
      }
    }
    return result
  }
}

/// The sizes of an attention whose operands exist.
private struct AttentionSizes {
  let batch: Int
  let heads: Int
  let keyHeads: Int
  let queries: Int
  let keys: Int
  let past: Int
  let size: Int
  let valueSize: Int
  var total: Int { past + keys }
  var headsPerKey: Int { keyHeads == 0 ? 1 : max(heads / keyHeads, 1) }

  init(_ geometry: AttentionGeometry) {
    batch = geometry.batch.constant
    heads = geometry.heads.constant
    keyHeads = geometry.keyHeads.constant
    queries = geometry.queries.constant
    keys = geometry.keys.constant
    past = geometry.past.constant
    size = geometry.size.constant
    valueSize = geometry.valueSize.constant
  }
}
