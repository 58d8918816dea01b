package import Diagnostics
package import IR
package import Tensors

/// `y = min(max(x, low), high)`, element by element; where `low > high` every result is `high`. NaN stays NaN.
///
/// - Inputs: `input` of any shape and numeric type; optional scalars `min` and `max` of the same type (single precision
///   is also taken, since older forms carry the bounds as attributes). Output: same shape and type as `input`.
/// - Errors: `type.mismatch`, `shape.not-a-scalar`.
/// - Source: ONNX Clip-13 (versions 1, 6, 11, 12, 13).
package struct Clip: TensorOp, AttributeFree {
  package static let schema = OpSchema(
    "Clip", versions: [1, 6, 11, 12, 13],
    inputs: [.required("input", "T"), .optional("min", "B"), .optional("max", "B")],
    outputs: [.required("output", "T")], types: ["T": .numeric, "B": .numeric])

  package init() {}

  package static func upgrade(_ node: inout ImportedNode) throws(Diagnostic) {
    guard node.opset < 11 else { return }
    for (index, name) in [(1, "min"), (2, "max")] {
      guard case .float(let bound)? = node.attributes[name] else { continue }
      node.attributes[name] = nil
      node.setInput(index, .constant(Tensor(scalar: Float(bound))))
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let type = try context.tensorType(0)
    for index in 1...2 where context.hasInput(index) {
      let bound = try context.tensorType(index)
      guard bound.element == type.element || (bound.element == .f32 && type.element.isFloat) else {
        throw Diagnostic(
          "type.mismatch", "bound \(index) is \(bound.element), expected \(type.element)")
      }
      if let count = bound.staticShape?.checkedElementCount, count != 1 {
        throw Diagnostic(
          "shape.not-a-scalar", "bound \(index) has \(count) elements, expected a scalar")
      }
    }
    return [.tensor(type)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let low = inputs.optional(1)
    let high = inputs.optional(2)
    return switch x.type {
    case .i8: [clip(x, low, high, Int8.self)]
    case .i16: [clip(x, low, high, Int16.self)]
    case .i32: [clip(x, low, high, Int32.self)]
    case .i64: [clip(x, low, high, Int64.self)]
    case .u8: [clip(x, low, high, UInt8.self)]
    case .u16: [clip(x, low, high, UInt16.self)]
    case .u32: [clip(x, low, high, UInt32.self)]
    case .u64: [clip(x, low, high, UInt64.self)]
    default: [clip(x, low?.doubles.first, high?.doubles.first)]
    }
  }

  private func clip(_ x: Tensor, _ low: Double?, _ high: Double?) -> Tensor {
    x.mapFloats(Bounds(low: low ?? -.infinity, high: high ?? .infinity))
  }

  private func clip<I: IntegerElement>(
    _ x: Tensor, _ low: Tensor?, _ high: Tensor?, _: I.Type
  ) -> Tensor {
    let low = low?.array(of: I.self).first ?? .min
    let high = high?.array(of: I.self).first ?? .max
    return x.map(I.self) { Swift.min(Swift.max($0, low), high) }
  }
}

/// Limits on both sides; NaN passes.
private struct Bounds: FloatFunction {
  let low: Double
  let high: Double

  func apply(_ x: Double) -> Double {
    let raised = x < low ? low : x
    return raised > high ? high : raised
  }
}
