package import Diagnostics
package import IR
package import Tensors

/// `Y = X * W + B`: a grouped, strided, dilated cross-correlation over any number of spatial axes.
///
/// - Inputs: `X` `[N, C, D1...Dn]`, `W` `[M, C / group, k1...kn]`, optional `B` `[M]`. Output: `Y` `[N, M, O1...On]`.
/// - Errors: `shape.rank`, `shape.channel-mismatch`, `shape.kernel`, `shape.window`, `attribute.group`.
/// - Source: ONNX Conv-22 (versions 1, 11, 22).
package struct Conv: TensorOp {
  package static let schema = OpSchema(
    "Conv", versions: [1, 11, 22],
    inputs: [.required("X", "T"), .required("W", "T"), .optional("B", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  package var group: Int
  package var window: WindowAttributes

  package init(group: Int = 1, window: WindowAttributes = WindowAttributes()) {
    self.group = group
    self.window = window
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    group = try attributes.int("group", default: 1)
    window = try WindowAttributes(&attributes)
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("group", group, default: 1)
      window.write(to: &$0)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let x = try context.shape(0)
    let w = try context.shape(1)
    let bias = context.hasInput(2) ? try context.shape(2) : nil
    let geometry = try geometry(x: x, w: w, bias: bias)
    return [.tensor(try context.element(0), [x[0], w[0]] + geometry.output)]
  }

  /// The resolved window over the spatial axes of `x`.
  package func geometry(
    x: [IndexExpr], w: [IndexExpr], bias: [IndexExpr]? = nil
  ) throws(Diagnostic) -> WindowGeometry {
    try ConvolutionShape.check(x: x, w: w, bias: bias, group: group)
    return try window.geometry(
      input: Array(x.dropFirst(2)), kernel: try window.kernel(weight: Array(w.dropFirst(2))))
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let w = inputs[1]
    let bias = inputs.optional(2)
    let axes = try geometry(
      x: x.symbolicShape, w: w.symbolicShape, bias: bias?.symbolicShape
    ).resolved()
    let problem = ConvolutionProblem(
      batch: x.shape[0], channels: x.shape[1], filters: w.shape[0], group: group, axes: axes)
    if x.type == .f32, problem.multiplyAccumulates > ConvolutionProblem.exactLimit {
      let y = problem.runFloat(
        x.array(of: Float.self), w.array(of: Float.self), bias?.array(of: Float.self))
      return [Tensor(y, shape: problem.outputShape)]
    }
    let y = problem.run(x.doubles, w.doubles, bias?.doubles)
    return [Tensor(doubles: y, shape: problem.outputShape, type: x.type)]
  }

  package func multiplyAccumulates(_ context: InferenceContext) -> IndexExpr {
    guard let x = try? context.shape(0), let w = try? context.shape(1),
      let geometry = try? geometry(x: x, w: w)
    else { return 0 }
    return (x[0...0] + w + geometry.output).reduce(1, *)
  }
}
