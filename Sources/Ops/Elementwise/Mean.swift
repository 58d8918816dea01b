package import IR
package import Tensors

/// The mean of all inputs, element by element.
///
/// - Inputs: at least one tensor, all of one floating-point type, shapes that broadcast. Output: the broadcast shape.
/// - Errors: `shape.broadcast`.
/// - Source: ONNX Mean-13 (versions 1, 6, 8, 13).
package struct Mean: VariadicElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Mean", versions: [1, 6, 8, 13], inputs: [.variadic("data_0", "T")],
    outputs: [.required("mean", "T")], types: ["T": .floats])

  package init() {}

  package func apply(_ a: Double, _ b: Double) -> Double { a + b }

  package func apply<I: FixedWidthInteger>(_ a: I, _ b: I) -> I { a &+ b }

  package func finish(_ folded: Tensor, count: Int) -> Tensor {
    folded.mapFloats(Quotient(divisor: Double(count)))
  }
}

/// A division by the number of operands.
private struct Quotient: FloatFunction {
  let divisor: Double

  func apply(_ x: Double) -> Double { x / divisor }
}
