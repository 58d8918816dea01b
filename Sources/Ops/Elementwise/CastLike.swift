package import Diagnostics
package import IR
package import Tensors

/// The elements of the first input converted to the type of the second, whose elements do not matter.
///
/// - Inputs: `input` and `target_type` of any shape and type but complex numbers. Output: shape of the first, type of
///   the second.
/// - Attributes: `saturate`, `round_mode` as for `Cast`.
/// - Errors: `run.not-a-number`.
/// - Source: ONNX CastLike-25 (versions 15, 19, 21, 23, 24, 25).
package struct CastLike: TensorOp {
  package static let schema = OpSchema(
    "CastLike", versions: [15, 19, 21, 23, 24, 25],
    inputs: [.required("input", "T1"), .required("target_type", "T2")],
    outputs: [.required("output", "T2")], types: ["T1": .castable, "T2": .castable])

  private let rules: Conversion

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    // The target here is a placeholder: the second input decides.
    rules = try Conversion(target: .f32, &attributes)
  }

  package init() { rules = Conversion(target: .f32) }

  package var attributes: Attributes { Attributes { rules.describe(in: &$0) } }

  /// The cast that this is, once the type of the second input is known.
  package func cast(to target: ElementType) -> Cast { Cast(to: target, like: self) }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    [.tensor(TensorType(try context.element(1), try context.tensorType(0).shape))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    [try rules(to: inputs[1].type).apply(inputs[0])]
  }

  /// The conversion to a type under this operator's attributes.
  package func rules(to target: ElementType) -> Conversion {
    var rules = rules
    rules.target = target
    return rules
  }
}

extension Cast {
  /// The cast to a type under the attributes of a `CastLike`.
  init(to target: ElementType, like other: CastLike) {
    self.target = target
    rules = other.rules(to: target)
  }
}
