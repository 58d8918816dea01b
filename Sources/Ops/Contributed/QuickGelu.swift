package import Diagnostics
package import IR
import Tensors

/// `Y = X * Sigmoid(alpha * X)`.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Attribute: `alpha` (1.702).
/// - Source: com.microsoft QuickGelu-1.
package struct QuickGelu: ContributedOp {
  package static let schema = OpSchema(
    "QuickGelu", domain: "com.microsoft", versions: [1], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  private static let standardAlpha = Double(Float(1.702))

  private let alpha: Double

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    alpha = try attributes.float("alpha", default: Self.standardAlpha)
  }

  package var attributes: Attributes {
    Attributes { $0.float("alpha", alpha, default: Self.standardAlpha) }
  }

  package func compose(_ graph: inout Composer) throws(Diagnostic) -> [ValueID] {
    let x = try graph.input(0)
    var scaled = x
    if alpha != 1 {
      scaled = try graph.add(Mul(), x, graph.scalar(alpha, graph.type(x)?.element ?? .f32))
    }
    return [try graph.add(Mul(), x, graph.add(Sigmoid(), scaled))]
  }
}
