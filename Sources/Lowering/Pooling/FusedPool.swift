import Diagnostics
import IR
import Loops
import Ops
import Tensors

/// A pool of 2 by 2 windows side by side that takes the results of its producer before they are stored.
package struct FusedPool {
  /// Memory for the pool's result.
  let placed: Placed
  let operation: BinaryOp
  /// What the folded values are multiplied with.
  let factor: Double?
}

/// A pool that may cut images in windows of 2 by 2.
protocol QuarteringPool: PoolOp {
  var folding: (operation: BinaryOp, factor: Double?) { get }
}

extension MaxPool: QuarteringPool {
  var folding: (operation: BinaryOp, factor: Double?) { (.max, nil) }
}

extension AveragePool: QuarteringPool {
  var folding: (operation: BinaryOp, factor: Double?) { (.add, 0.25) }
}

extension QuarteringPool {
  /// Whether windows of 2 by 2 lie side by side and fill an image.
  fileprivate func quarters(_ shape: [IndexExpr]) -> Bool {
    guard shape.count == 4, let geometry = try? geometry(x: shape) else { return false }
    return geometry.axes.allSatisfy {
      $0.kernel == 2 && $0.stride == 2 && $0.dilation == 1 && $0.padBegin == 0 && $0.padEnd == 0
        && $0.input.value.map { $0 % 2 == 0 } ?? false
    }
  }
}

extension NodeLowering {
  /// The way of output 0 into the memory of the pool that alone reads it; nil where no such pool can be fused.
  ///
  /// The pool has been computed then.
  func pooledOutput(block: Int) throws(Diagnostic) -> Sink? {
    let graph = session.graph
    guard let result = results.first ?? nil, !graph.outputs.contains(result),
      let readers = session.uses[result], readers.count == 1,
      let type = graph.tensorType(result), type.element == .f32, let shape = type.shape,
      let pool = graph[readers[0]].op as? any QuarteringPool, pool.quarters(shape),
      graph[readers[0]].outputs.compactMap({ $0 }).count == 1,
      let pooled = graph[readers[0]].outputs[0]
    else { return nil }
    let placed = try session.allocate(pooled, block: block, label: label)
    session.finished.insert(readers[0])
    // The result itself has no memory, only a layout for what is computed behind it.
    let absent = Placed(
      memory: placed.memory, element: .f32, shape: shape, layout: Layout(block: block))
    var sink = try self.sink(into: absent)
    let folding = pool.folding
    sink.pool = FusedPool(placed: placed, operation: folding.operation, factor: folding.factor)
    return sink
  }
}

extension Sink {
  /// The statements that finish the four elements of a window of 2 by 2 and store what they are folded to.
  ///
  /// - Parameters:
  ///   - values: the operator's own results in the window.
  ///   - positions: their logical positions, the first one in the window's corner.
  func store(
    window values: [Expr], at positions: [[IndexExpr]], into pool: FusedPool,
    _ builder: KernelBuilder
  ) throws(Diagnostic) -> [Statement] {
    var statements: [Statement] = []
    var folded: Expr?
    for (value, position) in zip(values, positions) {
      let (own, result) = try finished(value, at: position, builder)
      statements += own
      folded = folded.map { .binary(pool.operation, $0, result) } ?? result
    }
    guard var total = folded, let corner = positions.first else { return [] }
    if let factor = pool.factor { total = total.times(factor) }
    let place = corner.prefix(2) + corner.dropFirst(2).map { $0.floorDiv(2) }
    let view = builder.view(pool.placed, isWritten: true)
    return statements + [view.store(total, at: Array(place))]
  }
}
