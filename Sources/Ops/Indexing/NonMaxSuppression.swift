package import Diagnostics
package import IR
package import Tensors

/// Chooses boxes by falling score, leaving out those that overlap one already chosen too much.
///
/// - Inputs: `boxes`, `f32[batch, boxes, 4]`; `scores`, `f32[batch, classes, boxes]`; optional scalars
///   `max_output_boxes_per_class` (0 by default), `iou_threshold` (0) and `score_threshold` (none). Output:
///   `selected_indices`, `i64[count, 3]` of batch, class and box; the count is known when it runs.
/// - Attribute: `center_point_box`: 0 for two opposite corners `y, x, y, x`, 1 for `x, y` of the centre, width and height.
/// - Errors: `attribute.value`, `shape.rank-mismatch`, `shape.mismatch`.
/// - Source: ONNX NonMaxSuppression-11 (versions 10, 11). Of equal scores the earlier box comes first; overlaps are
///   computed in f32.
package struct NonMaxSuppression: TensorOp {
  package static let schema = OpSchema(
    "NonMaxSuppression", versions: [10, 11],
    inputs: [
      .required("boxes", "F"), .required("scores", "F"),
      .optional("max_output_boxes_per_class", "I"), .optional("iou_threshold", "F"),
      .optional("score_threshold", "F"),
    ], outputs: [.required("selected_indices", "I")], types: ["F": [.f32], "I": .i64])

  package var centerPointBox: Bool

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    centerPointBox = try attributes.flag("center_point_box")
  }

  package init(centerPointBox: Bool = false) { self.centerPointBox = centerPointBox }

  package var attributes: Attributes { Attributes { $0.flag("center_point_box", centerPointBox) } }

  private func check(_ boxes: [IndexExpr], _ scores: [IndexExpr]) throws(Diagnostic) {
    try Ranks.require(3, boxes, "boxes")
    try Ranks.require(3, scores, "scores")
    _ = try IndexExpr.unify(boxes[0], scores[0], "the batch of boxes and scores")
    _ = try IndexExpr.unify(boxes[1], scores[2], "the number of boxes and of scores")
    _ = try IndexExpr.unify(boxes[2], 4, "the last dimension of boxes, beside 4,")
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    if let boxes = try context.knownShape(0), let scores = try context.knownShape(1) {
      try check(boxes, scores)
    }
    return [.tensor(.i64, [context.freshDimension(axis: 0), 3])]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    try check(inputs[0].shape.expressions, inputs[1].shape.expressions)
    let corners = self.corners(inputs[0].array(of: Float.self))
    let scores = inputs[1].array(of: Float.self)
    let limit = inputs.optional(2)?.ints.first ?? 0
    let overlap = inputs.optional(3)?.array(of: Float.self).first ?? 0
    let floor = inputs.optional(4)?.array(of: Float.self).first
    let (classes, count) = (inputs[1].shape[1], inputs[1].shape[2])
    var selected: [Int64] = []
    for batch in 0..<inputs[0].shape[0] {
      for label in 0..<classes {
        let row = (batch * classes + label) * count
        let candidates = (0..<count)
          .filter { index in floor.map { scores[row + index] > $0 } ?? true }
          .sorted { a, b in
            scores[row + a] == scores[row + b] ? a < b : scores[row + a] > scores[row + b]
          }
        var chosen: [Box] = []
        for index in candidates {
          if chosen.count >= limit { break }
          let box = corners[batch * count + index]
          if chosen.contains(where: { $0.overlaps(box, moreThan: overlap) }) { continue }
          chosen.append(box)
          selected += [Int64(batch), Int64(label), Int64(index)]
        }
      }
    }
    return [Tensor(selected, shape: [selected.count / 3, 3])]
  }

  private func corners(_ values: [Float]) -> [Box] {
    stride(from: 0, to: values.count, by: 4).map { start in
      let (a, b, c, d) = (values[start], values[start + 1], values[start + 2], values[start + 3])
      if centerPointBox {
        return Box(left: a - c / 2, right: a + c / 2, top: b - d / 2, bottom: b + d / 2)
      }
      return Box(left: min(b, d), right: max(b, d), top: min(a, c), bottom: max(a, c))
    }
  }
}

/// An axis-parallel box.
private struct Box {
  let left: Float
  let right: Float
  let top: Float
  let bottom: Float

  private var area: Float { (right - left) * (bottom - top) }

  /// Whether intersection over union exceeds a threshold; boxes without area overlap nothing.
  func overlaps(_ other: Box, moreThan threshold: Float) -> Bool {
    let width = min(right, other.right) - max(left, other.left)
    let height = min(bottom, other.bottom) - max(top, other.top)
    guard width > 0, height > 0, area > 0, other.area > 0 else { return false }
    let intersection = width * height
    return intersection / (area + other.area - intersection) > threshold
  }
}
