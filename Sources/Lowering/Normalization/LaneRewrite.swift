import Diagnostics
import Loops
import Tensors

/// Rewrites every lane along neighbouring axes by itself; lanes beside each other share vectors.
struct LaneRewrite {
  let shape: [IndexExpr]
  let axes: Range<Int>

  /// - Parameter body: the statements for one lane, given its length, its elements, and the way to store results.
  func lower(
    _ context: NodeLowering, _ family: String, into sink: Sink,
    _ body: (
      KernelBuilder, _ count: IndexExpr, _ load: @escaping (IndexExpr) -> Expr,
      _ store: @escaping (Expr, IndexExpr) throws(Diagnostic) -> [Statement]
    ) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) {
    let outer = shape[..<axes.lowerBound].reduce(1, *)
    let count = shape[axes].reduce(1, *)
    let inner = shape[axes.upperBound...].reduce(1, *)
    let input = try context.plain(0).reshaped(to: [outer, count, inner])
    let builder = context.builder()
    let lanes = LoopKind.vector(lanes: context.target.lanes(.f32))
    let statements = try builder.loop("i", outer, .parallel) { row throws(Diagnostic) in
      try builder.loop("j", inner, lanes) { column throws(Diagnostic) in
        try body(
          builder, count,
          { index in builder.view(input).load([row, index, column]) },
          { value, index throws(Diagnostic) in
            let position = delinearize((row * count + index) * inner + column, shape)
            return try sink.store(value, at: position, builder)
          })
      }
    }
    context.launch(family, builder, statements, work: shape.reduce(8, *))
  }
}
