package import Diagnostics
package import IR
import Tensors

/// The exact form of Gelu, which the standard has had since opset 20.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Source: com.microsoft Gelu-1.
package struct ContributedGelu: ContributedOp {
  package static let schema = OpSchema(
    "Gelu", domain: "com.microsoft", versions: [1], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {}

  package var attributes: Attributes { Attributes() }

  package func compose(_ graph: inout Composer) throws(Diagnostic) -> [ValueID] {
    [try graph.add(Gelu(), graph.input(0))]
  }
}
