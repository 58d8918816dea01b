package import IR

/// The place of the greatest element along an axis; the place of the first NaN, if there is one.
///
/// - Input: `data` of any numeric type. Output: `reduced`, `i64`, with the axis of length 1 or gone.
/// - Attributes: `axis` (default 0), `keepdims` (default 1), `select_last_index` (default 0): which of equal elements.
/// - Errors: `attribute.axis`, `shape.empty-axis`.
/// - Source: ONNX ArgMax-13 (versions 1, 11, 12, 13).
package struct ArgMax: ArgReduction {
  package static let schema = OpSchema(
    "ArgMax", versions: [1, 11, 12, 13], inputs: [.required("data", "T")],
    outputs: [.required("reduced", "I")], types: ["T": .numeric, "I": .i64])

  package let form: ArgReductionForm

  package init(form: ArgReductionForm) { self.form = form }

  package func beats<T: Comparable>(_ a: T, _ b: T) -> Bool { a > b }
}
