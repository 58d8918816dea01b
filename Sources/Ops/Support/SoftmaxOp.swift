package import Diagnostics
package import IR
package import Tensors

/// An operator that rewrites every lane along an axis by itself: Softmax, LogSoftmax, Hardmax.
///
/// Before opset 13 the lane was everything from the axis on (the input flattened to two dimensions), which no newer
/// form can say; `flattens` keeps that, as an attribute of ours.
package protocol SoftmaxOp: TensorOp {
  var axis: Int { get }
  /// Whether a lane holds all axes from `axis` on.
  var flattens: Bool { get }
  init(axis: Int, flattens: Bool)
  /// Rewrites one lane, which is not empty.
  func transform(_ lane: inout [Double])
}

extension SoftmaxOp {
  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    self.init(
      axis: try attributes.int("axis", default: -1), flattens: try attributes.flag("flattens"))
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("axis", axis, default: -1)
      $0.flag("flattens", flattens)
    }
  }

  package static func upgrade(_ node: inout ImportedNode) throws(Diagnostic) {
    guard node.opset < 13 else { return }
    if node.attributes["axis"] == nil { node.attributes["axis"] = .int(1) }
    node.attributes["flattens"] = .int(1)
  }

  /// The neighbouring axes that make up a lane.
  ///
  /// - Throws: `attribute.axis`.
  package func laneAxes(rank: Int) throws(Diagnostic) -> Range<Int> {
    let limit = flattens ? rank : rank - 1
    guard axis >= -rank, axis <= max(limit, 0) else {
      throw Diagnostic(
        "attribute.axis", "axis is \(axis), expected one in \(-rank)...\(limit) for rank \(rank)")
    }
    let first = min(axis < 0 ? axis + rank : axis, rank)
    return first..<(flattens ? rank : min(first + 1, rank))
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let type = try context.tensorType(0)
    if let rank = type.shape?.count { _ = try laneAxes(rank: rank) }
    return [.tensor(type)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    var values = x.doubles
    let axes = try laneAxes(rank: x.rank)
    AxisSplit(x.shape, axes: axes).mapLanes(&values) { transform(&$0) }
    return [Tensor(doubles: values, shape: x.shape, type: x.type)]
  }
}
