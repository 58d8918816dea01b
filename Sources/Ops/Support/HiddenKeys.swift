import Diagnostics
import IR
import Tensors

/// What onnxruntime's attentions add to the scores of keys: a large negative number where a mask hides them, and a bias.
struct HiddenKeys {
  /// What hidden keys' scores get added.
  let filter: Double
  /// Queries, `[N, S, ...]`.
  let query: ValueID
  /// Keys, `[N, T, ...]`.
  let key: ValueID

  /// What is added to scores, of a shape that broadcasts to `[N, heads, S, total]`; nil for nothing.
  ///
  /// - Parameters:
  ///   - mask: `[N, total]` or `[N, S, total]` with 1 where keys are seen, or `[N]`, the numbers of keys that are.
  ///   - past: earlier keys, `[N, heads, P, size]`.
  /// - Throws: `shape.rank` for other masks, `shape.open` where the number of keys is that of no operand.
  func compose(
    _ mask: ValueID?, attentionBias: ValueID?, past: ValueID?, _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID? {
    guard let mask else { return attentionBias }
    let element = graph.type(query)?.element ?? .f32
    let rank = try graph.shape(mask).count
    var isHidden: ValueID
    switch rank {
    case 1:
      guard past == nil else {
        throw .unsupported("shape.rank", "a mask of lengths beside past keys is not supported")
      }
      let isFit = try graph.shape(mask)[0] == graph.shape(query)[0]
      guard isFit else {
        throw .unsupported(
          "shape.rank",
          "the mask has shape \(try graph.shape(mask)), expected a number of keys for each sample")
      }
      let places = try graph.counting(to: graph.size(of: key, axis: 1))
      let lengths = try graph.add(
        Cast(to: .i64), graph.add(Unsqueeze(), mask, graph.integers([1])))
      isHidden = try graph.add(GreaterOrEqual(), places, lengths)
    case 2, 3:
      isHidden = try graph.add(LessOrEqual(), mask, graph.constant(Tensor(scalar: Int32(0))))
    default:
      throw .unsupported(
        "shape.rank", "the mask has rank \(rank), expected 1, 2 or 3")
    }
    isHidden = try graph.add(Unsqueeze(), isHidden, graph.integers(rank == 3 ? [1] : [1, 2]))
    let penalty = try graph.add(
      Where(), isHidden, graph.scalar(filter, element), graph.scalar(0, element))
    return try attentionBias.map { bias throws(Diagnostic) in
      try graph.add(Add(), penalty, bias)
    } ?? penalty
  }
}
