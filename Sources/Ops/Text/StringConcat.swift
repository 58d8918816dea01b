package import Diagnostics
package import IR
package import Tensors

/// Joins strings element by element, with multidirectional broadcasting.
///
/// - Inputs: `X`, `Y`, strings of shapes that broadcast. Output: `Z`.
/// - Errors: `shape.broadcast`.
/// - Source: ONNX StringConcat-20.
package struct StringConcat: TensorOp {
  package static let schema = OpSchema(
    "StringConcat", versions: [20], inputs: [.required("X", "T"), .required("Y", "T")],
    outputs: [.required("Z", "T")], types: ["T": [.string]])

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {}

  package init() {}

  package var attributes: Attributes { Attributes() }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    guard let x = try context.knownShape(0), let y = try context.knownShape(1) else {
      return [.tensor(TensorType(.string, nil))]
    }
    return [.tensor(.string, try Broadcasting.shape(x, y))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let (x, y) = (inputs[0], inputs[1])
    let shape = try Broadcasting.shape(x.shape, y.shape)
    var joined: [String] = []
    Broadcasting.forEach(shape, x.shape, y.shape) { i, j in
      joined.append(x.strings[i] + y.strings[j])
    }
    return [Tensor(strings: joined, shape: shape)]
  }
}
