package import IR

/// `c = (a < b)` with multidirectional broadcasting.
///
/// - Inputs: `A`, `B` of one numeric type, shapes that broadcast. Output: booleans of the broadcast shape.
/// - Errors: `shape.broadcast`.
/// - Source: ONNX Less-13 (versions 7, 9, 13).
package struct Less: Comparison, AttributeFree {
  package static let schema = OpSchema(
    "Less", versions: [7, 9, 13], inputs: [.required("A", "T"), .required("B", "T")],
    outputs: [.required("C", "T1")], types: ["T": .numeric, "T1": .bool])

  package init() {}

  package func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a < b }

  package func holds(difference: ClosedRange<Int>) -> Bool? {
    if difference.upperBound < 0 { return true }
    return difference.lowerBound >= 0 ? false : nil
  }
}
