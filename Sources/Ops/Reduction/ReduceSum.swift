package import IR
package import Tensors

/// The sum of the elements along some axes.
///
/// - Inputs: `data`; optional `axes`, an `i64` vector, each at most once. Output: `reduced`, the same type, with reduced
///   axes of length 1 or gone. No element gives 0.
/// - Attributes: `keepdims` (default 1); `noop_with_empty_axes` (default 0): 1 makes missing axes mean none, not all.
/// - Errors: `attribute.axis`, `attribute.repeated-axis`.
/// - Source: ONNX ReduceSum-13 (versions 1, 11, 13; before 13 axes are an attribute).
package struct ReduceSum: ContentReduction {
  package static let schema = OpSchema(
    "ReduceSum", versions: [1, 11, 13],
    inputs: [.required("data", "T"), .optional("axes", "A")],
    outputs: [.required("reduced", "T")],
    types: ["T": TypeSet.floats.union([.i32, .i64, .u32, .u64]), "A": .i64])

  package let form: ReductionForm

  package init(form: ReductionForm) { self.form = form }

  package var initial: Double { 0 }

  package func add(_ x: Double, to state: inout Double) { state += x }

  package func result(_ state: Double, count: Int) -> Double { state }

  package func initialInteger(in range: ClosedRange<Int>) -> Int { 0 }

  package func add(_ x: Int, to state: Int) -> Int { state &+ x }

  package func fold(_ a: IndexExpr, _ b: IndexExpr) -> IndexExpr { a + b }
}
