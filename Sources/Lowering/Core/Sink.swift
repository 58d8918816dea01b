package import Diagnostics
package import Loops
package import Tensors

/// Where an operator's result goes: memory, through the elementwise operators fused behind it.
package struct Sink {
  package let placed: Placed
  let epilogue: Region?

  /// Whether elements are stored as they are, so that they may be read back.
  package var isDirect: Bool { epilogue == nil }

  package var shape: [IndexExpr] { placed.shape }
  package var layout: Layout { placed.layout }

  /// The statements that finish and store one element.
  ///
  /// - Parameter value: the operator's own result at the logical `position`.
  package func store(
    _ value: Expr, at position: [IndexExpr], _ builder: KernelBuilder
  ) throws(Diagnostic) -> [Statement] {
    let view = builder.view(placed, isWritten: true)
    guard let epilogue else { return [view.store(value, at: position)] }
    let (statements, result) = try epilogue.evaluate(at: position, seedValue: value, builder)
    return statements + [view.store(result, at: position)]
  }
}
