package import Diagnostics
package import IR
package import Tensors

/// The transposed convolution: every input element adds its weighted kernel to the output.
///
/// - Inputs: `X` `[N, C, D1...Dn]`, `W` `[C, M / group, k1...kn]`, optional `B` `[M]`. Output: `Y` `[N, M, O1...On]` with
///   `O = stride * (D - 1) + output_padding + extent - pads`, or `output_shape`, which then decides the pads.
/// - Errors: `shape.rank`, `shape.channel-mismatch`, `shape.kernel`, `shape.window`, `shape.bias`, `attribute.group`,
///   `attribute.count`.
/// - Source: ONNX ConvTranspose-22 (versions 1, 11, 22).
package struct ConvTranspose: TensorOp {
  package static let schema = OpSchema(
    "ConvTranspose", versions: [1, 11, 22],
    inputs: [.required("X", "T"), .required("W", "T"), .optional("B", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  package var group: Int
  package var window: WindowAttributes
  package var outputShape: [Int]?
  package var outputPadding: [Int]?

  package init(
    group: Int = 1, window: WindowAttributes = WindowAttributes(), outputShape: [Int]? = nil,
    outputPadding: [Int]? = nil
  ) {
    self.group = group
    self.window = window
    self.outputShape = outputShape
    self.outputPadding = outputPadding
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    group = try attributes.int("group", default: 1)
    window = try WindowAttributes(&attributes)
    outputShape = try WindowAttributes.sizes(&attributes, "output_shape", atLeast: 0)
    outputPadding = try WindowAttributes.sizes(&attributes, "output_padding", atLeast: 0)
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("group", group, default: 1)
      window.write(to: &$0)
      $0.ints("output_shape", outputShape)
      $0.ints("output_padding", outputPadding)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let x = try context.shape(0)
    let w = try context.shape(1)
    let bias = context.hasInput(2) ? try context.shape(2) : nil
    let geometry = try geometry(x: x, w: w, bias: bias)
    let filters = w[1] * IndexExpr(group)
    return [.tensor(try context.element(0), [x[0], filters] + geometry.output)]
  }

  /// The resolved window: input element `i` adds to output positions `i * stride - padBegin + k * dilation`.
  package func geometry(
    x: [IndexExpr], w: [IndexExpr], bias: [IndexExpr]? = nil
  ) throws(Diagnostic) -> WindowGeometry {
    guard x.count >= 3, w.count == x.count else {
      throw Diagnostic(
        "shape.rank",
        "input has rank \(x.count) and weight rank \(w.count), expected equal ranks of at least 3")
    }
    guard group >= 1, (x[1].value ?? 0) % max(group, 1) == 0 else {
      throw Diagnostic("attribute.group", "\(x[1]) channels do not divide into \(group) groups")
    }
    if let c = x[1].value, let rows = w[0].value, c != rows {
      throw Diagnostic(
        "shape.channel-mismatch", "weight has \(rows) input channels, expected \(c) of input \(x)")
    }
    try ConvolutionShape.checkBias(bias, filters: w[1] * IndexExpr(group))
    return try window.transposedGeometry(
      input: Array(x.dropFirst(2)), kernel: try window.kernel(weight: Array(w.dropFirst(2))),
      outputShape: outputShape, outputPadding: outputPadding)
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let w = inputs[1]
    let bias = inputs.optional(2)
    let axes = try geometry(
      x: x.symbolicShape, w: w.symbolicShape, bias: bias?.symbolicShape
    ).resolved()
    let problem = TransposedConvolution(
      batch: x.shape[0], channels: x.shape[1], filters: w.shape[1] * group, group: group,
      axes: axes)
    if x.type == .f32, problem.multiplyAccumulates > ConvolutionProblem.exactLimit {
      let y = problem.run(
        x.array(of: Float.self), w.array(of: Float.self), bias?.array(of: Float.self))
      return [Tensor(y, shape: problem.outputShape)]
    }
    let y = problem.run(x.doubles, w.doubles, bias?.doubles)
    return [Tensor(doubles: y, shape: problem.outputShape, type: x.type)]
  }

  package func multiplyAccumulates(_ context: InferenceContext) -> IndexExpr {
    guard let x = try? context.shape(0), let w = try? context.shape(1), w.count > 1 else {
      return 0
    }
    return x.reduce(1, *) * w.dropFirst().reduce(1, *)
  }
}
