import Diagnostics
import Loops
import Tensors

/// What a recurrent cell multiplies with constant weights, in the order in which it is read.
struct RecurrentProducts {
  /// `W x` of all gates and directions for every row of the input, `[a, b, direction * gate * unit]`; nil where weights
  /// are computed.
  ///
  /// It does not depend on the state: all moments are one matrix product, which reads the weights once.
  let input: Placed?
  /// `R` in panels, `[direction, gate, vector of units, k, unit]`; nil where weights are computed.
  let recurrence: Placed?

  /// - Parameters:
  ///   - gates: gates of a direction.
  ///   - hidden: units of a gate.
  init(_ context: NodeLowering, gates: Int, hidden: Int) throws(Diagnostic) {
    guard try context.element(0) == .f32 else {
      (input, recurrence) = (nil, nil)
      return
    }
    input = try Self.inputProducts(context)
    recurrence = context.constant(2).map {
      context.packed(Self.panels($0, gates: gates, lanes: context.target.lanes(.f32)))
    }
  }

  private static func inputProducts(_ context: NodeLowering) throws(Diagnostic) -> Placed? {
    guard let weights = context.constant(1), weights.type == .f32, weights.shape.count == 3
    else { return nil }
    let x = try context.plain(0)
    let (rows, depth) = (x.shape[0] * x.shape[1], weights.shape[2])
    let columns = weights.shape[0] * weights.shape[1]
    let products = context.temporary(.f32, [x.shape[0], x.shape[1], IndexExpr(columns)])
    try MatrixMultiply(
      batch: [], rows: rows, depth: IndexExpr(depth), columns: columns,
      left: { builder in
        let view = builder.view(x.reshaped(to: [rows, IndexExpr(depth)]))
        return { _, m, k in view.load([m, k]) }
      },
      right: .packed(weights.reshaped(to: [columns, depth]), isTransposed: true),
      constants: SumConstants(),
      finish: { builder, _, m, n, sum in
        let flat = products.reshaped(to: [rows, IndexExpr(columns)])
        return [builder.view(flat, isWritten: true).store(sum, at: [m, n])]
      }
    ).lower(context)
    return products
  }

  /// Missing units of the last vector are zero.
  private static func panels(_ weights: Tensor, gates: Int, lanes: Int) -> Tensor {
    let (directions, depth) = (weights.shape[0], weights.shape[2])
    let hidden = weights.shape[1] / gates
    let blocks = (hidden + lanes - 1) / lanes
    let values = weights.array(of: Float.self)
    var packed = Array(repeating: Float(0), count: directions * gates * blocks * depth * lanes)
    for line in 0..<directions * gates {
      for unit in 0..<hidden {
        let from = (line * hidden + unit) * depth
        let to = (line * blocks + unit / lanes) * depth * lanes + unit % lanes
        for k in 0..<depth { packed[to + k * lanes] = values[from + k] }
      }
    }
    return Tensor(packed, shape: [directions, gates, blocks, depth, lanes])
  }
}
