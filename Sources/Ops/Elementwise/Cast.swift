package import Diagnostics
package import IR
package import Tensors

/// The elements converted to another type.
///
/// Floats round to the nearest value, halves to even, and become infinite beyond the range; to integers they
/// truncate. Integers keep their low bits. Anything but zero is true. 8-bit and 4-bit floats saturate, unless told
/// otherwise. Strings are parsed and printed as decimals.
///
/// - Input: any shape and type but complex numbers. Output: same shape, the type `to`.
/// - Attributes: `to`, a `TensorProto.DataType` number, required; `saturate` (default 1) for 8-bit floats;
///   `round_mode` (`up`, `down` or `nearest`, default `up`) for `f8e8m0`.
/// - Errors: `attribute.missing`, `run.not-a-number`.
/// - Source: ONNX Cast-28 (versions 6, 9, 13, 19, 21, 23, 24, 25, 28).
package struct Cast: TensorOp, ContentInferring {
  package static let schema = OpSchema(
    "Cast", versions: [6, 9, 13, 19, 21, 23, 24, 25, 28], inputs: [.required("input", "T1")],
    outputs: [.required("output", "T2")], types: ["T1": .castable, "T2": .castable])

  package let target: ElementType
  package let rules: Conversion

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    guard let type = try attributes.elementType("to") else { throw attributes.missing("to") }
    target = type
    rules = try Conversion(target: type, &attributes)
  }

  /// A conversion with the standard's defaults.
  package init(to target: ElementType) {
    self.target = target
    rules = Conversion(target: target)
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("to", Int(target.rawValue))
      rules.describe(in: &$0)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    [.tensor(TensorType(target, try context.tensorType(0).shape))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    [try rules.apply(inputs[0])]
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    guard target == .i64 || target == .i32, let elements = context.contents(0) else { return [nil] }
    // Expressions of symbols are dimensions, which 32 bits hold; numbers must fit.
    let fits = elements.allSatisfy {
      target == .i64 || $0.value.map { Int32(exactly: $0) != nil } ?? true
    }
    return [fits ? elements : nil]
  }
}

extension Conversion {
  /// Reads `saturate` and `round_mode`.
  init(target: ElementType, _ attributes: inout AttributeReader) throws(Diagnostic) {
    self.target = target
    saturates = try attributes.flag("saturate", default: true)
    let mode = try attributes.string(
      "round_mode", default: "up", oneOf: ["up", "down", "nearest"])
    powerRounding = PowerRounding(rawValue: mode) ?? .up
  }

  /// Writes `saturate` and `round_mode` where they differ from their defaults.
  func describe(in attributes: inout Attributes) {
    attributes.flag("saturate", saturates, default: true)
    attributes.string("round_mode", powerRounding.rawValue, default: "up")
  }
}
