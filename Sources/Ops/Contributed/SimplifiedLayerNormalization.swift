package import Diagnostics
package import IR
import Tensors

/// Division by the root mean square, which the standard calls RMSNormalization.
///
/// - Inputs: `X`, and `scale` that broadcasts to it. Outputs: `Y` like `X`; optional `inv_std_var`.
/// - Attributes: `axis` (-1), `epsilon` (1e-5), `stash_type` (1).
/// - Errors: `shape.broadcast`.
/// - Source: onnxruntime 1.22, SimplifiedLayerNormalization-1, which it keeps in the standard's domain.
package struct SimplifiedLayerNormalization: ContributedOp {
  package static let schema = OpSchema(
    "SimplifiedLayerNormalization", versions: [1],
    inputs: [.required("X", "T"), .required("scale", "V")],
    outputs: [.required("Y", "V"), .optional("inv_std_var", "U")],
    types: ["T": .floats, "V": .floats, "U": [.f32]])

  private let normalization: RMSNormalization

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    normalization = try RMSNormalization(&attributes)
  }

  package var attributes: Attributes { normalization.attributes }

  package func compose(_ graph: inout Composer) throws(Diagnostic) -> [ValueID] {
    let x = try graph.input(0)
    return [
      try graph.add(normalization, x, graph.input(1)),
      try graph.inverseRootMeanSquare(
        x, axis: normalization.axis, epsilon: normalization.epsilon),
    ]
  }
}
