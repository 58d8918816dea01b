package import Diagnostics
import Glibc
package import IR
package import Tensors

/// `y = a / (1 + e^(-alpha * a)) * b`, that is `Swish(a) * b`; the operands are not broadcast.
///
/// Shazeer 2020, arXiv:2002.05202.
///
/// - Inputs: gate `A` and value `B` of one shape and floating-point type. Output: `Y`, same shape and type.
/// - Attributes: `alpha` (default 1).
/// - Errors: `shape.mismatch`.
/// - Source: ONNX SwiGLU-28.
package struct SwiGLU: TensorOp, FloatPairFunction {
  package static let schema = OpSchema(
    "SwiGLU", versions: [28], inputs: [.required("A", "T"), .required("B", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  package let alpha: Double

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    alpha = try attributes.float("alpha", default: 1)
  }

  package init(alpha: Double = 1) { self.alpha = alpha }

  package var attributes: Attributes { Attributes { $0.float("alpha", alpha, default: 1) } }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let gate = try context.shape(0)
    let value = try context.shape(1)
    let differs = zip(gate, value).contains { $0.isConstant && $1.isConstant && $0 != $1 }
    if gate.count != value.count || differs {
      throw Diagnostic("shape.mismatch", "gate is \(gate) and value \(value), expected one shape")
    }
    return [.tensor(try context.element(0), zip(gate, value).map { $0.isConstant ? $0 : $1 })]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    guard inputs[0].shape == inputs[1].shape else {
      throw Diagnostic(
        "shape.mismatch",
        "gate is \(inputs[0].shape) and value \(inputs[1].shape), expected one shape")
    }
    return [try Broadcasting.zipFloats(inputs[0], inputs[1], self)]
  }

  package func apply(_ a: Double, _ b: Double) -> Double { a / (1 + exp(-alpha * a)) * b }
}
