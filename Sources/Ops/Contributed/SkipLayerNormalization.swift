package import Diagnostics
package import IR
import Tensors

/// Layer normalization of a sum: `output = LayerNormalization(input + skip + bias)` along the last axis.
///
/// - Inputs: `input` `[..., C]`, `skip` that broadcasts to it, `gamma` `[C]`, optional `beta` and `bias` `[C]`. Outputs: `output`
///   like `input`; optional `mean`, `inv_std_var`, and `input_skip_bias_sum`, what is normalized.
/// - Attribute: `epsilon` (1e-12).
/// - Errors: `shape.broadcast`.
/// - Source: com.microsoft SkipLayerNormalization-1.
package struct SkipLayerNormalization: ContributedOp {
  package static let schema = OpSchema(
    "SkipLayerNormalization", domain: "com.microsoft", versions: [1],
    inputs: [
      .required("input", "T"), .required("skip", "T"), .required("gamma", "T"),
      .optional("beta", "T"), .optional("bias", "T"),
    ],
    outputs: [
      .required("output", "T"), .optional("mean", "U"), .optional("inv_std_var", "U"),
      .optional("input_skip_bias_sum", "T"),
    ],
    types: ["T": .floats, "U": [.f32]])

  static let standardEpsilon = Double(Float(1e-12))

  private let epsilon: Double

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    epsilon = try attributes.float("epsilon", default: Self.standardEpsilon)
  }

  package var attributes: Attributes {
    Attributes { $0.float("epsilon", epsilon, default: Self.standardEpsilon) }
  }

  package func compose(_ graph: inout Composer) throws(Diagnostic) -> [ValueID] {
    let sum = try graph.sum(input: 0, skip: 1, bias: 4)
    let normalized = try graph.addAll(
      LayerNormalization(axis: -1, epsilon: epsilon), [sum, graph.input(2), graph.optional(3)],
      outputCount: 3)
    return normalized + [sum]
  }
}

extension Composer {
  /// Two inputs together, with a bias where there is one.
  mutating func sum(input: Int, skip: Int, bias: Int) throws(Diagnostic) -> ValueID {
    let sum = try add(Add(), self.input(input), self.input(skip))
    return try optional(bias).map { bias throws(Diagnostic) in try add(Add(), sum, bias) } ?? sum
  }
}
