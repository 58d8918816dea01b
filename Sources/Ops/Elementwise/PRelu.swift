package import Diagnostics
package import IR
import Tensors

/// `y = x` where `x >= 0`, else `slope * x`; the slope is broadcast to the shape of `x`.
///
/// - Inputs: `X` of any shape, `slope` of the same type and a shape that broadcasts to it. Output: `Y`, shape of `X`.
/// - Errors: `shape.broadcast`.
/// - Source: ONNX PRelu-16 (versions 7, 9, 16).
package struct PRelu: BinaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "PRelu", versions: [7, 9, 16], inputs: [.required("X", "T"), .required("slope", "T")],
    outputs: [.required("Y", "T")],
    types: ["T": TypeSet.floats.union([.i32, .i64, .u32, .u64])])

  package init() {}

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let shape = try context.shape(0)
    try Broadcasting.require(try context.shape(1), broadcastsTo: shape, name: "slope")
    return [.tensor(try context.element(0), shape)]
  }

  package func apply(_ a: Double, _ b: Double) -> Double { a < 0 ? a * b : a }

  package func apply<I: FixedWidthInteger>(_ a: I, _ b: I) -> I { a < 0 ? a &* b : a }
}
