package import Diagnostics
package import IR
package import Tensors

/// A convolution of 8-bit operands with zero points: what ConvInteger and QLinearConv share.
package protocol QuantizedConvolution: TensorOp {
  var group: Int { get }
  var window: WindowAttributes { get }

  init(group: Int, window: WindowAttributes)
}

extension QuantizedConvolution {
  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    self.init(
      group: try attributes.int("group", default: 1), window: try WindowAttributes(&attributes))
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("group", group, default: 1)
      window.write(to: &$0)
    }
  }
}

extension QuantizedConvolution {
  /// The resolved window over the spatial axes of `x`.
  package func geometry(
    x: [IndexExpr], w: [IndexExpr], bias: [IndexExpr]? = nil
  ) throws(Diagnostic) -> WindowGeometry {
    try Conv(group: group, window: window).geometry(x: x, w: w, bias: bias)
  }

  /// The exact 32-bit sums of `(x - x_zero_point) * (w - w_zero_point)`; padding is zero after subtraction.
  ///
  /// - Parameter wZero: one zero point, or one per filter.
  /// - Throws: `shape.zero-point` when a zero point has another shape.
  func sums(
    _ x: Tensor, _ xZero: Tensor?, _ w: Tensor, _ wZero: Tensor?
  ) throws(Diagnostic) -> (values: [Int32], shape: [Int]) {
    let axes = try geometry(x: x.symbolicShape, w: w.symbolicShape).resolved()
    let problem = ConvolutionProblem(
      batch: x.shape[0], channels: x.shape[1], filters: w.shape[0], group: group, axes: axes)
    let xPoints = xZero?.integers ?? [0]
    let wPoints = wZero?.integers ?? [0]
    guard xPoints.count == 1, wPoints.count == 1 || wPoints.count == problem.filters else {
      throw Diagnostic(
        "shape.zero-point",
        "zero points have \(xPoints.count) and \(wPoints.count) elements, expected 1 and 1 or \(problem.filters)"
      )
    }
    let image = (x.integers ?? []).map { Float($0 - xPoints[0]) }
    let perFilter = problem.depth
    let weights = (w.integers ?? []).enumerated().map { index, value in
      Float(value - wPoints[wPoints.count == 1 ? 0 : index / perFilter])
    }
    return (problem.runIntegers(image, weights), problem.outputShape)
  }

  /// Multiply-accumulates for the inputs numbered `x` and `w`.
  func products(_ context: InferenceContext, x: Int, w: Int) -> IndexExpr {
    guard let x = try? context.shape(x), let w = try? context.shape(w),
      let geometry = try? geometry(x: x, w: w)
    else { return 0 }
    return (x[0...0] + w + geometry.output).reduce(1, *)
  }
}
