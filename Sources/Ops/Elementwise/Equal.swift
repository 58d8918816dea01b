package import IR
import Tensors

/// `c = (a == b)` with multidirectional broadcasting.
///
/// - Inputs: `A`, `B` of one numeric, boolean or string type, shapes that broadcast. Output: booleans of the broadcast shape.
/// - Errors: `shape.broadcast`.
/// - Source: ONNX Equal-19 (versions 7, 11, 13, 19).
package struct Equal: Comparison, AttributeFree {
  package static let schema = OpSchema(
    "Equal", versions: [7, 11, 13, 19], inputs: [.required("A", "T"), .required("B", "T")],
    outputs: [.required("C", "T1")],
    types: ["T": TypeSet.numeric.union([.bool, .string]), "T1": .bool])

  package init() {}

  package func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a == b }

  package func holds(difference: ClosedRange<Int>) -> Bool? {
    if difference == 0...0 { return true }
    return difference.contains(0) ? nil : false
  }
}
