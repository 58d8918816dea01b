package import Diagnostics
package import IR
package import Tensors

/// The maximum of every cell of a grid laid over regions of interest; an empty cell is zero.
///
/// - Inputs: `X` `[N, C, H, W]`, `rois` `[R, 5]` of image, x1, y1, x2, y2. Output: `Y` `[R, C, pooled height, pooled
///   width]`.
/// - Errors: `shape.rank`, `attribute.count`, `attribute.value`, `index.out-of-range`.
/// - Source: ONNX MaxRoiPool-22 (versions 1, 22); Girshick 2015, arXiv:1504.08083.
package struct MaxRoiPool: TensorOp {
  package static let schema = OpSchema(
    "MaxRoiPool", versions: [1, 22], inputs: [.required("X", "T"), .required("rois", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  package var pooledShape: [Int]
  package var spatialScale: Double

  package init(pooledShape: [Int], spatialScale: Double = 1) {
    self.pooledShape = pooledShape
    self.spatialScale = spatialScale
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    guard let shape = try WindowAttributes.sizes(&attributes, "pooled_shape", atLeast: 1) else {
      throw attributes.missing("pooled_shape")
    }
    guard shape.count == 2 else {
      throw Diagnostic(
        "attribute.count", "attribute 'pooled_shape' has \(shape.count) elements, expected 2")
    }
    pooledShape = shape
    spatialScale = try attributes.float("spatial_scale", default: 1)
  }

  package var attributes: Attributes {
    Attributes {
      $0.ints("pooled_shape", pooledShape)
      $0.float("spatial_scale", spatialScale, default: 1)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let x = try context.shape(0)
    let rois = try context.shape(1)
    try check(x, rois)
    return [.tensor(try context.element(0), [rois[0], x[1]] + pooledShape.expressions)]
  }

  private func check(_ x: [IndexExpr], _ rois: [IndexExpr]) throws(Diagnostic) {
    guard x.count == 4, rois.count == 2, !rois[1].isConstant || rois[1] == 5 else {
      throw Diagnostic(
        "shape.rank", "input \(x) and rois \(rois), expected [N, C, H, W] and [R, 5]")
    }
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    try check(x.symbolicShape, inputs[1].symbolicShape)
    let (channels, height, width) = (x.shape[1], x.shape[2], x.shape[3])
    let values = x.doubles
    let rois = inputs[1].doubles
    let count = inputs[1].shape[0]
    var y: [Double] = []
    for r in 0..<count {
      let image = rois[r * 5]
      guard image >= 0, image < Double(x.shape[0]) else {
        throw Diagnostic(
          "index.out-of-range", "region \(r) names image \(image) of \(x.shape[0])")
      }
      let corners = (1...4).map { (rois[r * 5 + $0] * spatialScale).rounded() }
      let rows = cells(corners[1], corners[3], pooledShape[0], height)
      let columns = cells(corners[0], corners[2], pooledShape[1], width)
      for c in 0..<channels {
        let plane = (Int(image) * channels + c) * height * width
        for row in rows {
          for column in columns {
            var best: Double?
            for i in row {
              for j in column { best = max(best ?? -.infinity, values[plane + i * width + j]) }
            }
            y.append(best ?? 0)
          }
        }
      }
    }
    return [Tensor(doubles: y, shape: [count, channels] + pooledShape, type: x.type)]
  }

  /// The positions of each of `count` cells between two corners, inclusive, inside `0..<limit`.
  private func cells(_ low: Double, _ high: Double, _ count: Int, _ limit: Int) -> [Range<Int>] {
    let size = max(high - low + 1, 1) / Double(count)
    func clamp(_ x: Double) -> Int { Int(max(0, min(x.isNaN ? 0 : x, Double(limit)))) }
    return (0..<count).map { cell in
      let start = clamp((Double(cell) * size).rounded(.down) + low)
      let end = clamp((Double(cell + 1) * size).rounded(.up) + low)
      return start..<max(start, end)
    }
  }
}
