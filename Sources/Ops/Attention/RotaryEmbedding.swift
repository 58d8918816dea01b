package import Diagnostics
package import IR
package import Tensors

/// Rotates pairs of elements of every head by an angle that depends on the position in the sequence.
///
/// - Inputs: `X` `[N, heads, S, size]`, or `[N, S, heads * size]` with `num_heads`; `cos_cache` and `sin_cache` `[positions,
///   rotated / 2]` looked up by `position_ids` `[N, S]`, or `[N, S, rotated / 2]` without. Output: `Y` like `X`.
/// - Errors: `shape.rank`, `shape.heads`, `shape.cache`, `index.out-of-range`.
/// - Source: ONNX RotaryEmbedding-23; Su et al. 2021, arXiv:2104.09864.
package struct RotaryEmbedding: TensorOp {
  package static let schema = OpSchema(
    "RotaryEmbedding", versions: [23],
    inputs: [
      .required("X", "T"), .required("cos_cache", "T"), .required("sin_cache", "T"),
      .optional("position_ids", "M"),
    ],
    outputs: [.required("Y", "T")], types: ["T": .floats, "M": .i64])

  package var interleaved: Bool
  package var heads: Int
  /// How many elements of a head turn; 0 for all.
  package var rotated: Int

  package init(interleaved: Bool = false, heads: Int = 0, rotated: Int = 0) {
    self.interleaved = interleaved
    self.heads = heads
    self.rotated = rotated
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    interleaved = try attributes.flag("interleaved")
    heads = try attributes.int("num_heads", default: 0)
    rotated = try attributes.int("rotary_embedding_dim", default: 0)
  }

  package var attributes: Attributes {
    Attributes {
      $0.flag("interleaved", interleaved)
      $0.int("num_heads", heads, default: 0)
      $0.int("rotary_embedding_dim", rotated, default: 0)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    try check(try context.shape(0))
    return [.tensor(try context.tensorType(0))]
  }

  private func check(_ x: [IndexExpr]) throws(Diagnostic) {
    guard x.count == 3 || x.count == 4 else {
      throw Diagnostic("shape.rank", "input has rank \(x.count), expected 3 or 4")
    }
    guard x.count == 4 || (heads > 0 && (x[2].value ?? 0) % max(heads, 1) == 0) else {
      throw Diagnostic("shape.heads", "input \(x) does not divide into \(heads) heads")
    }
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    try check(x.symbolicShape)
    let layout = HeadLayout(x.shape, heads: heads)
    let turned = rotated == 0 ? layout.size : rotated
    let half = turned / 2
    let ids = inputs.optional(3)?.integers
    let expected = ids == nil ? [layout.batch, layout.sequence, half] : nil
    let cache = inputs[1].shape
    guard turned >= 0, turned <= layout.size, inputs[2].shape == cache,
      expected.map({ $0 == cache }) ?? (cache.count == 2 && cache[1] == half),
      ids == nil || ids?.count == layout.batch * layout.sequence
    else {
      throw Diagnostic(
        "shape.cache",
        "caches of shape \(cache) do not fit \(turned) rotated elements of \(x.shape)")
    }
    var values = x.doubles
    let cosines = inputs[1].doubles
    let sines = inputs[2].doubles
    for n in 0..<layout.batch {
      for s in 0..<layout.sequence {
        let row = try ids.map { ids throws(Diagnostic) in
          try Indices.normalized(ids[n * layout.sequence + s], count: cache[0])
        }
        let angle = (row ?? n * layout.sequence + s) * half
        for h in 0..<layout.heads {
          let start = layout.offset(n, h, s)
          for i in 0..<half {
            let a = start + (interleaved ? 2 * i : i)
            let b = start + (interleaved ? 2 * i + 1 : i + half)
            let (p, q) = (values[a], values[b])
            values[a] = p * cosines[angle + i] - q * sines[angle + i]
            values[b] = p * sines[angle + i] + q * cosines[angle + i]
          }
        }
      }
    }
    return [Tensor(doubles: values, shape: x.shape, type: x.type)]
  }
}
