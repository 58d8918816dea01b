package import Diagnostics
package import IR
package import Tensors

/// Puts every element back where a `MaxPool` found it; zero elsewhere.
///
/// - Inputs: `X` `[N, C, D1...Dn]`, `I` like `X` with positions in the smallest input that pools to `X`, optional
///   `output_shape` to enlarge that. Output: `[N, C, O1...On]`, `O = (D - 1) * stride + kernel - pads`.
/// - Errors: `shape.rank`, `shape.window`, `attribute.count`, `shape.output`, `shape.too-large`, `index.out-of-range`.
/// - Source: ONNX MaxUnpool-22 (versions 9, 11, 22).
package struct MaxUnpool: TensorOp {
  package static let schema = OpSchema(
    "MaxUnpool", versions: [9, 11, 22],
    inputs: [.required("X", "T1"), .required("I", "T2"), .optional("output_shape", "T2")],
    outputs: [.required("output", "T1")], types: ["T1": .floats, "T2": .i64])

  package var window: WindowAttributes

  package init(window: WindowAttributes) { self.window = window }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    window = try WindowAttributes(&attributes)
    if window.kernelShape == nil { throw attributes.missing("kernel_shape") }
  }

  package var attributes: Attributes { Attributes { window.write(to: &$0) } }

  /// The smallest shape that pools to `x`.
  package func smallest(_ x: [IndexExpr]) throws(Diagnostic) -> [IndexExpr] {
    guard x.count >= 3 else {
      throw Diagnostic("shape.rank", "input has rank \(x.count), expected at least 3")
    }
    let kernel = try window.poolKernel(rank: x.count - 2)
    let geometry = try window.transposedGeometry(
      input: Array(x.dropFirst(2)), kernel: kernel, outputShape: nil, outputPadding: nil)
    return x.prefix(2) + geometry.output
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    var shape = try smallest(try context.shape(0))
    if context.hasInput(2) {
      let given = context.contents(2)
      for axis in shape.indices {
        let size = given.flatMap { $0.count == shape.count ? $0[axis] : nil }
        shape[axis] =
          size.flatMap { $0.isDimension ? $0 : nil } ?? context.freshDimension(axis: axis)
      }
    }
    return [.tensor(try context.element(0), shape)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let inner = try smallest(x.symbolicShape).map(\.constant)
    let shape = inputs.optional(2)?.integers ?? inner
    let fits = shape.count == inner.count && zip(shape, inner).allSatisfy { $0 >= $1 }
    guard fits, inputs[1].shape == x.shape else {
      throw Diagnostic(
        "shape.output", "output_shape is \(shape), expected at least \(inner), for input \(x.shape)"
      )
    }
    _ = try TensorRoom.checked(shape)
    let values = x.doubles
    var small = Array(repeating: 0.0, count: inner.elementCount)
    for (place, value) in zip(inputs[1].integers ?? [], values) {
      guard place >= 0, place < small.count else {
        throw Diagnostic(
          "index.out-of-range", "index \(place) is outside 0..<\(small.count) of \(inner)")
      }
      small[place] = value
    }
    var y = Array(repeating: 0.0, count: shape.elementCount)
    let places = Offsets.all(inner, strides: shape.rowMajorStrides)
    for (value, place) in zip(small, places) { y[place] = value }
    return [Tensor(doubles: y, shape: shape, type: x.type)]
  }
}
