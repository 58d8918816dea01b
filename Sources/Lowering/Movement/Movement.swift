package import Diagnostics
package import Loops
package import Tensors

/// Operators that bring elements to other places: one nest over the output, each element fetched from where it lies.
package enum Movement {
  /// - Parameter source: the element for a logical output position.
  package static func lower(
    _ context: NodeLowering, into sink: Sink,
    _ source: (KernelBuilder, [IndexExpr]) throws(Diagnostic) -> Expr
  ) throws(Diagnostic) {
    let builder = context.builder()
    let body = try Nest.over(sink.placed, builder) { position throws(Diagnostic) in
      try sink.store(try source(builder, position), at: position, builder)
    }
    context.launch("move", builder, body, work: sink.shape.reduce(2, *))
  }

  /// The same where fetching an element takes statements of its own.
  package static func lower(
    _ context: NodeLowering, into sink: Sink,
    _ source: (KernelBuilder, [IndexExpr]) throws(Diagnostic) -> (
      statements: [Statement], value: Expr
    )
  ) throws(Diagnostic) {
    let builder = context.builder()
    let body = try Nest.over(sink.placed, builder) { position throws(Diagnostic) in
      let (statements, value) = try source(builder, position)
      return statements + (try sink.store(value, at: position, builder))
    }
    context.launch("move", builder, body, work: sink.shape.reduce(8, *))
  }
}
