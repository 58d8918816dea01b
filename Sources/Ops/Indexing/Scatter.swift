public import Diagnostics
public import IR
public import Tensors

/// The older name of `ScatterElements` without a reduction; models that use it are imported as that.
///
/// - Source: ONNX Scatter-11 (versions 9, 11).
public struct Scatter: TensorOp {
  public static let schema = OpSchema(
    "Scatter", versions: [9, 11],
    inputs: [.required("data", "T"), .required("indices", "Tind"), .required("updates", "T")],
    outputs: [.required("output", "T")], types: ["T": .all, "Tind": .indices])

  private let newer: ScatterElements

  public init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    newer = try ScatterElements(&attributes)
  }

  public var attributes: Attributes { newer.attributes }

  public static func upgrade(_ node: inout ImportedNode) throws(Diagnostic) {
    node.op = "ScatterElements"
  }

  public func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    try newer.infer(context)
  }

  public func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    try newer.evaluate(inputs)
  }
}
