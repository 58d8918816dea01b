package import Diagnostics
package import IR
package import Tensors

/// The discrete Fourier transform along an axis, forward or inverse, of real or complex signals.
///
/// - Inputs: `input` `[..., 1]` (real) or `[..., 2]` (real and imaginary parts), optional `dft_length`, to which the axis
///   is cut or filled with zeros, optional `axis`. Output: `[..., 2]`; one-sided forward transforms keep the first
///   `length / 2 + 1` frequencies, one-sided inverse ones expect those and give `[..., 1]`.
/// - Errors: `shape.rank`, `shape.dft`, `attribute.axis`.
/// - Source: ONNX DFT-20 (versions 17, 20).
package struct DFT: TensorOp {
  package static let schema = OpSchema(
    "DFT", versions: [17, 20],
    inputs: [.required("input", "T1"), .optional("dft_length", "T2"), .optional("axis", "I")],
    outputs: [.required("output", "T1")], types: ["T1": .floats, "T2": .indices, "I": .i64])

  package var inverse: Bool
  package var oneSided: Bool

  package init(inverse: Bool = false, oneSided: Bool = false) {
    self.inverse = inverse
    self.oneSided = oneSided
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    inverse = try attributes.flag("inverse")
    oneSided = try attributes.flag("onesided")
  }

  package var attributes: Attributes {
    Attributes {
      $0.flag("inverse", inverse)
      $0.flag("onesided", oneSided)
    }
  }

  /// Version 17 has its axis, 1 by default, in an attribute.
  package static func upgrade(_ node: inout ImportedNode) throws(Diagnostic) {
    guard node.opset < 20 else { return }
    var axis = 1
    if case .int(let value)? = node.attributes["axis"] { axis = value }
    node.attributes["axis"] = nil
    node.setInput(2, .constant(Tensor(scalar: Int64(axis))))
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    var shape = try context.shape(0)
    guard shape.count >= 2 else {
      throw Diagnostic("shape.rank", "input has rank \(shape.count), expected at least 2")
    }
    let element = try context.element(0)
    let given = context.hasInput(2) ? context.integers(2)?.first : -2
    guard let given else {
      let unknown = context.freshShape(rank: shape.count - 1)
      return [.tensor(element, unknown + [IndexExpr(inverse && oneSided ? 1 : 2)])]
    }
    let axis = try resolve(given, rank: shape.count)
    let length: IndexExpr
    if context.hasInput(1) {
      let known = context.contents(1)?.first.flatMap { $0.isDimension ? $0 : nil }
      length = known ?? context.freshDimension(axis: axis)
    } else {
      length = inverse && oneSided ? (shape[axis] - 1) * 2 : shape[axis]
    }
    shape[axis] = oneSided && !inverse ? length.floorDiv(2) + 1 : length
    shape[shape.count - 1] = inverse && oneSided ? 1 : 2
    return [.tensor(element, shape)]
  }

  private func resolve(_ axis: Int, rank: Int) throws(Diagnostic) -> Int {
    let found = try TensorAxis.resolve(axis, rank: rank)
    guard found < rank - 1 else {
      throw Diagnostic("attribute.axis", "axis is \(axis), which holds the parts of numbers")
    }
    return found
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    guard x.rank >= 2, let parts = x.shape.last, parts == 1 || parts == 2 else {
      throw Diagnostic("shape.rank", "input is \(x.shape), expected [..., 1] or [..., 2]")
    }
    let axis = try resolve(inputs.optional(2)?.integers?.first ?? -2, rank: x.rank)
    let size = x.shape[axis]
    let restores = inverse && oneSided
    let length = inputs.optional(1)?.integers?.first ?? (restores ? 2 * (size - 1) : size)
    guard length >= 1, length <= 1 << 30 else {
      throw Diagnostic("shape.dft", "the transform's length is \(length), expected 1...2^30")
    }
    let count = oneSided && !inverse ? length / 2 + 1 : length
    let split = AxisSplit(Array(x.shape.dropLast()), axis: axis)
    let transform = FourierTransform(length: length)
    let values = x.doubles
    let kept = restores ? 1 : 2
    var y = Array(repeating: 0.0, count: split.outer * count * split.inner * kept)
    for outer in 0..<split.outer {
      for inner in 0..<split.inner {
        var lane: [(re: Double, im: Double)] = []
        for k in 0..<min(size, restores ? length / 2 + 1 : length) {
          let place = ((outer * size + k) * split.inner + inner) * parts
          lane.append((values[place], parts == 2 ? values[place + 1] : 0))
        }
        if restores { lane = Self.mirrored(lane, length) }
        for (k, value) in transform(lane, count: count, inverse: inverse).enumerated() {
          let place = ((outer * count + k) * split.inner + inner) * kept
          y[place] = value.re
          if kept == 2 { y[place + 1] = value.im }
        }
      }
    }
    var shape = x.shape
    shape[axis] = count
    shape[x.rank - 1] = kept
    return [Tensor(doubles: y, shape: shape, type: x.type)]
  }

  /// All frequencies of a real signal from the first half of them.
  private static func mirrored(
    _ half: [(re: Double, im: Double)], _ length: Int
  ) -> [(re: Double, im: Double)] {
    (0..<length).map { k in
      if k <= length / 2 { return k < half.count ? half[k] : (0, 0) }
      let twin = length - k
      return twin < half.count ? (half[twin].re, -half[twin].im) : (0, 0)
    }
  }
}
