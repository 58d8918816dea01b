package import Diagnostics
package import IR
package import Tensors

/// Scaled dot-product attention: `softmax(softcap(Q * K^T * scale) + mask) * V`, with grouped heads, a causal or sliding
/// window, and a cache of earlier keys and values.
///
/// - Inputs: `Q` `[N, heads, S, E]`, `K` `[N, kv heads, T, E]`, `V` `[N, kv heads, T, Ev]`, or all three-dimensional with
///   heads side by side; optional `attn_mask` (boolean, or added) that broadcasts to `[N, heads, S, total]`, `past_key` and
///   `past_value` `[N, kv heads, P, ...]`, or `nonpad_kv_seqlen` `[N]`. Outputs: `Y` in the form of `Q`, optional
///   `present_key` and `present_value` of `total = P + T`, and the scores `[N, heads, S, total]` at a chosen point. A
///   query that may see no key gives zeros.
/// - Errors: `shape.rank`, `shape.heads`, `shape.attention`, `shape.broadcast`, `attribute.value`.
/// - Source: ONNX Attention-25 (versions 23, 24, 25); Vaswani et al. 2017, arXiv:1706.03762.
package struct Attention: TensorOp {
  package static let schema = OpSchema(
    "Attention", versions: [23, 24, 25],
    inputs: [
      .required("Q", "T1"), .required("K", "T1"), .required("V", "T2"),
      .optional("attn_mask", "U"), .optional("past_key", "T1"), .optional("past_value", "T2"),
      .optional("nonpad_kv_seqlen", "I"),
    ],
    outputs: [
      .required("Y", "T1"), .optional("present_key", "T1"), .optional("present_value", "T2"),
      .optional("qk_matmul_output", "T1"),
    ],
    types: [
      "T1": .floats, "T2": .floats, "U": TypeSet.numeric.union(.bool), "I": .i64,
    ])

  package var isCausal: Bool
  /// Heads of three-dimensional operands; 0 where left out.
  package var queryHeads: Int
  package var keyHeads: Int
  /// Nil for `1 / sqrt(E)`.
  package var scale: Double?
  /// Scores are squashed into `-softcap...softcap`; 0 for not at all.
  package var softcap: Double
  /// The type that the softmax is meant to be computed in; the reference always computes in f64.
  package var softmaxPrecision: Int?
  /// What the fourth output shows: 0 products, 1 after the cap, 2 after the mask, 3 after the softmax.
  package var scoresMode: Int
  /// Positions to the left and right that a query may see; -1 for all.
  package var leftWindow: Int
  package var rightWindow: Int

  package init(
    isCausal: Bool = false, queryHeads: Int = 0, keyHeads: Int = 0, scale: Double? = nil,
    softcap: Double = 0, softmaxPrecision: Int? = nil, scoresMode: Int = 0, leftWindow: Int = -1,
    rightWindow: Int = -1
  ) {
    self.isCausal = isCausal
    self.queryHeads = queryHeads
    self.keyHeads = keyHeads
    self.scale = scale
    self.softcap = softcap
    self.softmaxPrecision = softmaxPrecision
    self.scoresMode = scoresMode
    self.leftWindow = leftWindow
    self.rightWindow = rightWindow
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    isCausal = try attributes.flag("is_causal")
    queryHeads = try attributes.int("q_num_heads", default: 0)
    keyHeads = try attributes.int("kv_num_heads", default: 0)
    scale = try attributes.optionalFloat("scale")
    softcap = try attributes.float("softcap", default: 0)
    softmaxPrecision = try attributes.optionalInt("softmax_precision")
    scoresMode = try attributes.int("qk_matmul_output_mode", default: 0)
    leftWindow = try attributes.int("left_window_size", default: -1)
    rightWindow = try attributes.int("right_window_size", default: -1)
    guard (0...3).contains(scoresMode), leftWindow >= -1, rightWindow >= -1 else {
      throw Diagnostic(
        "attribute.value",
        "qk_matmul_output_mode is \(scoresMode), windows are \(leftWindow) and \(rightWindow), expected 0...3 and at least -1"
      )
    }
  }

  package var attributes: Attributes {
    Attributes {
      $0.flag("is_causal", isCausal)
      $0.int("q_num_heads", queryHeads, default: 0)
      $0.int("kv_num_heads", keyHeads, default: 0)
      $0.float("scale", scale)
      $0.float("softcap", softcap, default: 0)
      $0.int("softmax_precision", softmaxPrecision)
      $0.int("qk_matmul_output_mode", scoresMode, default: 0)
      $0.int("left_window_size", leftWindow, default: -1)
      $0.int("right_window_size", rightWindow, default: -1)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let geometry = try AttentionGeometry(
      query: try context.shape(0), key: try context.shape(1), value: try context.shape(2),
      pastKey: context.hasInput(4) ? try context.shape(4) : nil,
      pastValue: context.hasInput(5) ? try context.shape(5) : nil, queryHeads: queryHeads,
      keyHeads: keyHeads)
    if context.hasInput(3) { try geometry.checkMask(try context.shape(3)) }
    let element = try context.element(0)
    let value = try context.element(2)
    return [
      .tensor(element, geometry.output), .tensor(try context.element(1), geometry.presentKey),
      .tensor(value, geometry.presentValue), .tensor(element, geometry.scores),
    ]
  }

  package func multiplyAccumulates(_ context: InferenceContext) -> IndexExpr {
    guard let query = try? context.shape(0), let key = try? context.shape(1),
      let value = try? context.shape(2),
      let geometry = try? AttentionGeometry(
        query: query, key: key, value: value, pastKey: try? context.shape(4),
        pastValue: try? context.shape(5), queryHeads: queryHeads, keyHeads: keyHeads)
    else { return 0 }
    return geometry.scores.product * (geometry.size + geometry.valueSize)
  }
}
