package import Diagnostics
package import IR
import Tensors

/// `Y = Gelu(X + bias)`, by a hyperbolic tangent.
///
/// - Inputs: `X` `[..., C]`, optional `bias` `[C]`. Output: `Y` like `X`.
/// - Errors: `shape.broadcast`.
/// - Source: com.microsoft FastGelu-1.
package struct FastGelu: ContributedOp {
  package static let schema = OpSchema(
    "FastGelu", domain: "com.microsoft", versions: [1],
    inputs: [.required("X", "T"), .optional("bias", "T")], outputs: [.required("Y", "T")],
    types: ["T": .floats])

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {}

  package var attributes: Attributes { Attributes() }

  package func compose(_ graph: inout Composer) throws(Diagnostic) -> [ValueID] {
    var x = try graph.input(0)
    if let bias = graph.optional(1) { x = try graph.add(Add(), x, bias) }
    return [try graph.add(Gelu(usesTanh: true), x)]
  }
}
