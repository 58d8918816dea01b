package import Diagnostics
package import IR
import Tensors

/// A matrix product and the function behind it: `activation(Gemm(A, B, C))`.
///
/// - Inputs: `A`, `B` and optional `C` as of Gemm. Output: `Y`.
/// - Attributes: those of Gemm; `activation` (none by default), `activation_alpha`, `activation_beta` and
///   `activation_gamma`, its numbers.
/// - Errors: those of Gemm, `attribute.value`, `attribute.length`.
/// - Source: com.microsoft FusedGemm-1.
package struct FusedGemm: ContributedOp {
  package static let schema = OpSchema(
    "FusedGemm", domain: "com.microsoft", versions: [1],
    inputs: [.required("A", "T"), .required("B", "T"), .optional("C", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  private static let numberNames = ["activation_alpha", "activation_beta", "activation_gamma"]

  private let gemm: Gemm
  private let activation: FusedActivation

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    gemm = try Gemm(&attributes)
    var numbers: [Double] = []
    for name in Self.numberNames {
      if let number = try attributes.optionalFloat(name) { numbers.append(number) }
    }
    activation = try FusedActivation(
      name: try attributes.string("activation", default: ""), numbers: numbers)
  }

  package var attributes: Attributes {
    var store = gemm.attributes
    store.string("activation", activation.name, default: "")
    for (name, number) in zip(Self.numberNames, activation.numbers) { store.float(name, number) }
    return store
  }

  package func compose(_ graph: inout Composer) throws(Diagnostic) -> [ValueID] {
    let y = try graph.add(gemm, graph.input(0), graph.input(1), graph.optional(2))
    return [try activation.compose(y, &graph)]
  }
}
