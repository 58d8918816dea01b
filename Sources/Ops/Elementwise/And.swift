public import Diagnostics
public import IR
public import Tensors

/// `c = a and b` of booleans, with multidirectional broadcasting.
///
/// - Inputs: `A`, `B`, booleans whose shapes broadcast. Output: booleans of the broadcast shape.
/// - Errors: `shape.broadcast`.
/// - Source: ONNX And-7.
public struct And: TensorOp, AttributeFree, ContentInferring {
  public static let schema = OpSchema(
    "And", versions: [7], inputs: [.required("A", "T"), .required("B", "T")],
    outputs: [.required("C", "T1")], types: ["T": .bool, "T1": .bool])

  public init() {}

  public func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    [.tensor(.bool, try Broadcasting.shape(try context.shape(0), try context.shape(1)))]
  }

  public func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    [try Broadcasting.zip(inputs[0], Bool.self, inputs[1], Bool.self) { $0 && $1 }]
  }

  public func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    [Broadcasting.contents(context) { .min($0[0], $0[1]) }]
  }
}
