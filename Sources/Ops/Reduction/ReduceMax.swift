package import IR
package import Tensors

/// The greatest element along some axes; NaN where any is NaN. Of booleans, whether any is true.
///
/// - Inputs: `data`; optional `axes`, an `i64` vector, each at most once. Output: `reduced`, the same type, with reduced
///   axes of length 1 or gone. No element gives the least value of the type.
/// - Attributes: `keepdims` (default 1); `noop_with_empty_axes` (default 0): 1 makes missing axes mean none, not all.
/// - Errors: `attribute.axis`, `attribute.repeated-axis`.
/// - Source: ONNX ReduceMax-20 (versions 1, 11, 12, 13, 18, 20; before 18 axes are an attribute).
package struct ReduceMax: ContentReduction {
  package static let schema = OpSchema(
    "ReduceMax", versions: [1, 11, 12, 13, 18, 20],
    inputs: [.required("data", "T"), .optional("axes", "A")],
    outputs: [.required("reduced", "T")],
    types: ["T": TypeSet.floats.union([.i32, .i64, .u32, .u64, .i8, .u8, .bool]), "A": .i64])

  package let form: ReductionForm

  package init(form: ReductionForm) { self.form = form }

  package var initial: Double { -.infinity }

  package func add(_ x: Double, to state: inout Double) { if x > state || x.isNaN { state = x } }

  package func result(_ state: Double, count: Int) -> Double { state }

  package func initialInteger(in range: ClosedRange<Int>) -> Int { range.lowerBound }

  package func add(_ x: Int, to state: Int) -> Int { Swift.max(x, state) }

  package var isOrdering: Bool { true }

  package func fold(_ a: IndexExpr, _ b: IndexExpr) -> IndexExpr { .max(a, b) }
}
