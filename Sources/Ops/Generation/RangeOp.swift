package import Diagnostics
package import IR
package import Tensors

/// The numbers `start + i * delta` for `i` from 0, up to and without `limit`.
///
/// The struct's name leaves `Range` to the standard library. Short floats are computed in single precision and rounded once.
///
/// - Inputs: scalars `start`, `limit`, `delta` of one type. Output: a vector of `max(0, ceil((limit - start) / delta))`.
/// - Attributes: `stash_type` (default 1, the type for intermediate results of short floats); others are not supported.
/// - Errors: `run.zero-step`, `shape.too-large`, `attribute.value`.
/// - Source: ONNX Range-27 (versions 11, 27).
package struct RangeOp: TensorOp, ContentInferring {
  package static let schema = OpSchema(
    "Range", versions: [11, 27],
    inputs: [.required("start", "T"), .required("limit", "T"), .required("delta", "T")],
    outputs: [.required("output", "T")],
    types: ["T": [.f32, .f64, .i16, .i32, .i64, .f16, .bf16]])

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    let stash = try attributes.elementType("stash_type") ?? .f32
    guard stash == .f32 else {
      throw .unsupported("attribute.value", "attribute 'stash_type' is \(stash), expected f32")
    }
  }

  package init() {}

  package var attributes: Attributes { Attributes() }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let element = try context.element(0)
    return [.tensor(element, [try count(context) ?? context.freshDimension(axis: 0)])]
  }

  /// The number of elements, where the inputs say enough.
  private func count(_ context: InferenceContext) throws(Diagnostic) -> IndexExpr? {
    if let start = context.constant(0), let limit = context.constant(1),
      let delta = context.constant(2), start.type != .string
    {
      return IndexExpr(try Self.count(start, limit, delta))
    }
    guard let start = context.contents(0)?.first, let limit = context.contents(1)?.first,
      let step = context.contents(2)?.first?.value, step != 0
    else { return nil }
    let distance = step > 0 ? limit - start : start - limit
    // The least integer's magnitude is not an integer; no range has that step.
    guard step != .min else { return nil }
    return .max(0, distance.ceilDiv(IndexExpr(Swift.abs(step))))
  }

  private static func count(
    _ start: Tensor, _ limit: Tensor, _ delta: Tensor
  ) throws(Diagnostic) -> Int {
    if let a = start.integers?.first, let b = limit.integers?.first, let d = delta.integers?.first {
      if d == 0 { throw zeroStep }
      let (distance, overflow) = b.subtractingReportingOverflow(a)
      guard !overflow, d != .min else { throw tooLong(Double(b) - Double(a), Double(d)) }
      if distance == 0 || (distance < 0) != (d < 0) { return 0 }
      let whole = distance.dividedReportingOverflow(by: d).partialValue
      let rest = distance.remainderReportingOverflow(dividingBy: d).partialValue
      return try TensorRoom.checked([whole])[0] + (rest == 0 ? 0 : 1)
    }
    guard let a = start.doubles.first, let b = limit.doubles.first, let d = delta.doubles.first
    else { throw Diagnostic("shape.not-a-scalar", "a bound of the range has no element") }
    if d == 0 { throw zeroStep }
    let steps = ((b - a) / d).rounded(.up)
    if steps <= 0 { return 0 }
    guard steps < 0x1p36 else { throw tooLong(b - a, d) }
    return Int(steps)
  }

  private static let zeroStep = Diagnostic("run.zero-step", "delta is 0, expected another number")

  private static func tooLong(_ distance: Double, _ delta: Double) -> Diagnostic {
    Diagnostic(
      "shape.too-large", "a range over \(distance) in steps of \(delta) has too many elements")
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let type = inputs[0].type
    let count = try Self.count(inputs[0], inputs[1], inputs[2])
    if let start = inputs[0].integers?.first, let delta = inputs[2].integers?.first {
      let values = (0..<count).map { start &+ $0 &* delta }
      return [Tensor(integers: values, shape: [count], type: type)]
    }
    let start = inputs[0].doubles[0]
    let delta = inputs[2].doubles[0]
    let values = (0..<count).map { start + Double($0) * delta }
    return [Tensor(doubles: values, shape: [count], type: type)]
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    guard let start = context.contents(0)?.first, let step = context.contents(2)?.first,
      let count = (try? count(context))??.value, count <= 4096
    else { return [nil] }
    return [(0..<Swift.max(count, 0)).map { start + IndexExpr($0) * step }]
  }
}
