package import IR
import Tensors

/// The running sum of the elements along an axis.
///
/// - Inputs: `x` of any shape; `axis`, an integer scalar. Output: `y`, same shape and type as `x`.
/// - Attributes: `exclusive` (default 0): 1 leaves each element out of its own result; `reverse` (default 0): 1 walks from
///   the end.
/// - Errors: `attribute.axis`, `run.axis`.
/// - Source: ONNX CumSum-14 (versions 11, 14).
package struct CumSum: Cumulation {
  package static let schema = OpSchema(
    "CumSum", versions: [11, 14], inputs: [.required("x", "T"), .required("axis", "T2")],
    outputs: [.required("y", "T")],
    types: ["T": TypeSet.floats.union([.i32, .i64, .u32, .u64]), "T2": .indices])

  package let form: CumulationForm

  package init(form: CumulationForm) { self.form = form }

  package var neutral: Int { 0 }

  package func combine(_ a: Double, _ b: Double) -> Double { a + b }

  package func combine(_ a: Int, _ b: Int) -> Int { a &+ b }
}
