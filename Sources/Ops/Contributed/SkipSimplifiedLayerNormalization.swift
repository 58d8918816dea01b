package import Diagnostics
package import IR
import Tensors

/// Division of a sum by its root mean square: `output = RMSNormalization(input + skip + bias)` along the last axis.
///
/// - Inputs: `input` `[..., C]`, `skip` that broadcasts to it, `gamma` `[C]`, optional `bias` `[C]`. Outputs: `output` like
///   `input`; optional `mean` (always 0), `inv_std_var`, and `input_skip_bias_sum`, what is normalized.
/// - Attribute: `epsilon` (1e-12).
/// - Errors: `shape.broadcast`.
/// - Source: com.microsoft SkipSimplifiedLayerNormalization-1.
package struct SkipSimplifiedLayerNormalization: ContributedOp {
  package static let schema = OpSchema(
    "SkipSimplifiedLayerNormalization", domain: "com.microsoft", versions: [1],
    inputs: [
      .required("input", "T"), .required("skip", "T"), .required("gamma", "T"),
      .optional("bias", "T"),
    ],
    outputs: [
      .required("output", "T"), .optional("mean", "U"), .optional("inv_std_var", "U"),
      .optional("input_skip_bias_sum", "T"),
    ],
    types: ["T": .floats, "U": [.f32]])

  private let epsilon: Double

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    epsilon = try attributes.float("epsilon", default: SkipLayerNormalization.standardEpsilon)
  }

  package var attributes: Attributes {
    Attributes { $0.float("epsilon", epsilon, default: SkipLayerNormalization.standardEpsilon) }
  }

  package func compose(_ graph: inout Composer) throws(Diagnostic) -> [ValueID] {
    let sum = try graph.sum(input: 0, skip: 1, bias: 3)
    let root = try graph.inverseRootMeanSquare(sum, axis: -1, epsilon: epsilon)
    return [
      try graph.add(RMSNormalization(axis: -1, epsilon: epsilon), sum, graph.input(2)),
      try graph.add(Mul(), root, graph.scalar(0, .f32)), root, sum,
    ]
  }
}

extension Composer {
  /// `1 / sqrt(mean(x * x) + epsilon)` over the axes from `axis` on, which stay as 1; f32.
  mutating func inverseRootMeanSquare(
    _ x: ValueID, axis: Int, epsilon: Double
  ) throws(Diagnostic) -> ValueID {
    let rank = try shape(x).count
    let first = axis < 0 ? axis + rank : axis
    let wide = try add(Cast(to: .f32), x)
    let squares = try add(Mul(), wide, wide)
    let mean = try add(
      ReduceMean(form: ReductionForm()), squares, integers(Array(max(0, first)..<rank)))
    let root = try add(Sqrt(), add(Add(), mean, scalar(epsilon, .f32)))
    return try add(Reciprocal(), root)
  }
}
