package import Diagnostics
package import IR
package import Tensors

/// The mean, or the largest share, of bilinear samples in every cell of a grid laid over regions of interest.
///
/// - Inputs: `X` `[N, C, H, W]`, `rois` `[R, 4]` of x1, y1, x2, y2, `batch_indices` `[R]`. Output: `Y` `[R, C,
///   output_height, output_width]`.
/// - Errors: `shape.rank`, `attribute.value`, `index.out-of-range`.
/// - Source: ONNX RoiAlign-22 (versions 10, 16, 22); He et al. 2017, arXiv:1703.06870. Version 10 samples without the
///   half-pixel shift. `max` takes the largest of the four weighted corners, as the standard's reference does.
package struct RoiAlign: TensorOp {
  package enum Mode: String, Sendable, Hashable, CaseIterable {
    case avg
    case max
  }

  package enum Coordinates: String, Sendable, Hashable, CaseIterable {
    case halfPixel = "half_pixel"
    case outputHalfPixel = "output_half_pixel"
  }

  package static let schema = OpSchema(
    "RoiAlign", versions: [10, 16, 22],
    inputs: [.required("X", "T1"), .required("rois", "T1"), .required("batch_indices", "T2")],
    outputs: [.required("Y", "T1")], types: ["T1": .floats, "T2": .i64])

  package var mode: Mode
  package var coordinates: Coordinates
  package var outputHeight: Int
  package var outputWidth: Int
  /// Samples along each side of a cell; 0 for as many as the cell has elements.
  package var samplingRatio: Int
  package var spatialScale: Double

  package init(
    mode: Mode = .avg, coordinates: Coordinates = .halfPixel, outputHeight: Int = 1,
    outputWidth: Int = 1, samplingRatio: Int = 0, spatialScale: Double = 1
  ) {
    self.mode = mode
    self.coordinates = coordinates
    self.outputHeight = outputHeight
    self.outputWidth = outputWidth
    self.samplingRatio = samplingRatio
    self.spatialScale = spatialScale
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    mode = try attributes.choice("mode", default: .avg)
    coordinates = try attributes.choice("coordinate_transformation_mode", default: .halfPixel)
    outputHeight = try attributes.int("output_height", default: 1)
    outputWidth = try attributes.int("output_width", default: 1)
    samplingRatio = try attributes.int("sampling_ratio", default: 0)
    spatialScale = try attributes.float("spatial_scale", default: 1)
    guard outputHeight >= 1, outputWidth >= 1, samplingRatio >= 0,
      max(outputHeight, outputWidth, samplingRatio) <= 1 << 20
    else {
      throw Diagnostic(
        "attribute.value",
        "output is \(outputHeight) by \(outputWidth) with \(samplingRatio) samples, expected 1...2^20"
      )
    }
  }

  package var attributes: Attributes {
    Attributes {
      $0.string("mode", mode.rawValue, default: "avg")
      $0.string("coordinate_transformation_mode", coordinates.rawValue, default: "half_pixel")
      $0.int("output_height", outputHeight, default: 1)
      $0.int("output_width", outputWidth, default: 1)
      $0.int("sampling_ratio", samplingRatio, default: 0)
      $0.float("spatial_scale", spatialScale, default: 1)
    }
  }

  package static func upgrade(_ node: inout ImportedNode) throws(Diagnostic) {
    guard node.opset < 16 else { return }
    node.attributes["coordinate_transformation_mode"] = .string("output_half_pixel")
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let x = try context.shape(0)
    let rois = try context.shape(1)
    try check(x, rois, try context.shape(2))
    let cells = [IndexExpr(outputHeight), IndexExpr(outputWidth)]
    return [.tensor(try context.element(0), [rois[0], x[1]] + cells)]
  }

  private func check(
    _ x: [IndexExpr], _ rois: [IndexExpr], _ images: [IndexExpr]
  ) throws(Diagnostic) {
    let agrees =
      images.count == 1 && rois.count == 2
      && (!images[0].isConstant || !rois[0].isConstant || images[0] == rois[0])
    guard x.count == 4, agrees, !rois[1].isConstant || rois[1] == 4 else {
      throw Diagnostic(
        "shape.rank",
        "input \(x), rois \(rois) and batch_indices \(images), expected [N, C, H, W], [R, 4] and [R]"
      )
    }
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    try check(x.symbolicShape, inputs[1].symbolicShape, inputs[2].symbolicShape)
    let (channels, height, width) = (x.shape[1], x.shape[2], x.shape[3])
    let values = x.doubles
    let rois = inputs[1].doubles
    let images = inputs[2].integers ?? []
    let shift = coordinates == .halfPixel ? 0.5 : 0
    var y: [Double] = []
    for (r, image) in images.enumerated() {
      guard image >= 0, image < x.shape[0] else {
        throw Diagnostic("index.out-of-range", "region \(r) names image \(image) of \(x.shape[0])")
      }
      let corners = (0..<4).map { rois[r * 4 + $0] * spatialScale - shift }
      let rows = samples(corners[1], corners[3], cells: outputHeight, limit: height)
      let columns = samples(corners[0], corners[2], cells: outputWidth, limit: width)
      for c in 0..<channels {
        let plane = (image * channels + c) * height * width
        for row in rows {
          for column in columns { y.append(fold(values, plane, width, row, column)) }
        }
      }
    }
    let shape = [images.count, channels, outputHeight, outputWidth]
    return [Tensor(doubles: y, shape: shape, type: x.type)]
  }

  /// A sample along one axis: two neighbours with their shares; nil outside the image.
  private struct Sample {
    let low: Int
    let high: Int
    let share: Double
  }

  /// The samples of every cell along one axis.
  private func samples(
    _ start: Double, _ end: Double, cells: Int, limit: Int
  ) -> [[Sample?]] {
    let length = coordinates == .halfPixel ? end - start : max(end - start, 1)
    let size = length / Double(cells)
    let wanted = samplingRatio > 0 ? Double(samplingRatio) : size.rounded(.up)
    let count = Int(max(0, min(wanted.isNaN ? 0 : wanted, 0x1p20)))
    return (0..<cells).map { cell in
      (0..<count).map { i in
        let position =
          start + Double(cell) * size + (Double(i) + 0.5) * size / Double(count)
        guard limit > 0, position >= -1, position <= Double(limit) else { return nil }
        let inside = max(position, 0)
        let low = min(Int(inside), limit - 1)
        if low >= limit - 1 { return Sample(low: limit - 1, high: limit - 1, share: 0) }
        return Sample(low: low, high: low + 1, share: inside - Double(low))
      }
    }
  }

  private func fold(
    _ values: [Double], _ plane: Int, _ width: Int, _ rows: [Sample?], _ columns: [Sample?]
  ) -> Double {
    var sum = 0.0
    var largest: Double?
    for row in rows {
      for column in columns {
        var corners = (0.0, 0.0, 0.0, 0.0)
        if let row, let column {
          let top = plane + row.low * width
          let bottom = plane + row.high * width
          corners = (
            values[top + column.low] * (1 - row.share) * (1 - column.share),
            values[top + column.high] * (1 - row.share) * column.share,
            values[bottom + column.low] * row.share * (1 - column.share),
            values[bottom + column.high] * row.share * column.share
          )
        }
        sum += corners.0 + corners.1 + corners.2 + corners.3
        let top = Swift.max(corners.0, corners.1, corners.2, corners.3)
        largest = Swift.max(largest ?? top, top)
      }
    }
    return mode == .avg ? sum / Double(Swift.max(rows.count * columns.count, 1)) : largest ?? 0
  }
}
