package import Diagnostics
package import IR
package import Tensors

/// A tensor of a given shape whose elements are all one value.
///
/// - Input: `input`, the shape as an `i64` vector. Output: `output` of that shape and the value's type.
/// - Attributes: `value`, a tensor of one element (default the `f32` 0).
/// - Errors: `attribute.value`, `shape.rank`, `shape.negative-dimension`, `shape.too-large`.
/// - Source: ONNX ConstantOfShape-25 (versions 9, 20, 21, 23, 24, 25).
package struct ConstantOfShape: TensorOp, ContentInferring {
  package static let schema = OpSchema(
    "ConstantOfShape", versions: [9, 20, 21, 23, 24, 25], inputs: [.required("input", "T1")],
    outputs: [.required("output", "T2")], types: ["T1": .i64, "T2": .storedInPlace])

  /// One element.
  package let value: Tensor

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    let value = try attributes.tensor("value") ?? Tensor([Float(0)], shape: [1])
    guard value.elementCount == 1, value.type != .string else {
      throw Diagnostic(
        "attribute.value",
        "attribute 'value' is \(value.type)\(value.shape), expected one element of a stored type")
    }
    self.value = value
  }

  package init(_ value: Tensor = Tensor([Float(0)], shape: [1])) { self.value = value }

  package var attributes: Attributes {
    let isStandard =
      value.type == .f32 && value.shape == [1] && value.array(of: Float.self)[0].bitPattern == 0
    return Attributes { if !isStandard { $0["value"] = .tensor(value) } }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    if let shape = try context.tensorType(0).shape, shape.count != 1 {
      throw Diagnostic("shape.rank", "the shape is given by \(shape), expected a vector")
    }
    if let dimensions = context.contents(0) {
      for dimension in dimensions {
        guard let number = dimension.value, number < 0 else { continue }
        throw Diagnostic(
          "shape.negative-dimension", "dimensions are \(dimensions), expected none below 0")
      }
      let shape = dimensions.enumerated().map { axis, dimension in
        dimension.isDimension ? dimension : context.freshDimension(axis: axis)
      }
      return [.tensor(value.type, shape)]
    }
    guard let rank = try context.shape(0).first?.value, rank >= 0, rank <= 64 else {
      return [.tensor(TensorType(value.type, nil))]
    }
    return [.tensor(value.type, (0..<rank).map { context.freshDimension(axis: $0) })]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let shape = try TensorRoom.checked(inputs[0].integers ?? [])
    let count = shape.elementCount
    if value.type.bitWidth < 8 {
      let codes = Array(repeating: value.codes[0], count: count)
      return [Tensor(codes: codes, shape: shape, type: value.type)]
    }
    return switch value.type.bitWidth {
    case 8: [filled(shape, UInt8.self)]
    case 16: [filled(shape, UInt16.self)]
    case 32: [filled(shape, UInt32.self)]
    case 64: [filled(shape, UInt64.self)]
    default: [repeatedPairs(shape)]
    }
  }

  /// Fills by bit pattern: only the width of the elements matters.
  private func filled<T: TensorElement>(_ shape: [Int], _: T.Type) -> Tensor {
    let pattern = value.reinterpreted(T.elementType, [1]).array(of: T.self)[0]
    return Tensor(Array(repeating: pattern, count: shape.elementCount), shape: shape)
      .reinterpreted(value.type, shape)
  }

  /// A double complex number is a pair of 64-bit halves.
  private func repeatedPairs(_ shape: [Int]) -> Tensor {
    let halves = value.reinterpreted(.u64, [2]).array(of: UInt64.self)
    let count = 2 * shape.elementCount
    return Tensor((0..<count).map { halves[$0 % 2] }, shape: [count])
      .reinterpreted(value.type, shape)
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    guard let element = value.integers?.first, let shape = context.integers(0),
      let count = shape.checkedElementCount, count <= 4096
    else { return [nil] }
    return [Array(repeating: IndexExpr(element), count: count)]
  }
}
