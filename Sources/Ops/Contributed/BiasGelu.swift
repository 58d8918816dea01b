package import Diagnostics
package import IR
import Tensors

/// `C = Gelu(A + B)`, in Gelu's exact form.
///
/// - Inputs: `A` `[..., C]`, `B` `[C]`. Output: `C` like `A`.
/// - Errors: `shape.broadcast`.
/// - Source: com.microsoft BiasGelu-1.
package struct BiasGelu: ContributedOp {
  package static let schema = OpSchema(
    "BiasGelu", domain: "com.microsoft", versions: [1],
    inputs: [.required("A", "T"), .required("B", "T")], outputs: [.required("C", "T")],
    types: ["T": .floats])

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {}

  package var attributes: Attributes { Attributes() }

  package func compose(_ graph: inout Composer) throws(Diagnostic) -> [ValueID] {
    let sum = try graph.add(Add(), graph.input(0), graph.input(1))
    return [try graph.add(Gelu(), sum)]
  }
}
