package import Diagnostics
package import IR
import Tensors

/// A convolution, to which another result may be added, and the function behind it: `activation(Conv(X, W, B) + Z)`.
///
/// - Inputs: `X`, `W` and optional `B` as of Conv; optional `Z` like the result. Output: `Y`.
/// - Attributes: those of Conv; `activation` (none by default) and `activation_params`, its numbers.
/// - Errors: those of Conv, `attribute.value`, `attribute.length`.
/// - Source: com.microsoft FusedConv-1.
package struct FusedConv: ContributedOp {
  package static let schema = OpSchema(
    "FusedConv", domain: "com.microsoft", versions: [1],
    inputs: [
      .required("X", "T"), .required("W", "T"), .optional("B", "T"), .optional("Z", "T"),
    ],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  private let conv: Conv
  private let activation: FusedActivation

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    conv = try Conv(&attributes)
    activation = try FusedActivation(
      name: try attributes.string("activation", default: ""),
      numbers: try attributes.floats("activation_params") ?? [])
  }

  package var attributes: Attributes {
    var store = conv.attributes
    store.string("activation", activation.name, default: "")
    store.floats("activation_params", activation.numbers.isEmpty ? nil : activation.numbers)
    return store
  }

  package func compose(_ graph: inout Composer) throws(Diagnostic) -> [ValueID] {
    var y = try graph.add(conv, graph.input(0), graph.input(1), graph.optional(2))
    if let other = graph.optional(3) { y = try graph.add(Add(), y, other) }
    return [try activation.compose(y, &graph)]
  }
}
