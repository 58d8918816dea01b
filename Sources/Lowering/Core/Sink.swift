package import Diagnostics
package import Loops
package import Tensors

/// Where an operator's result goes: memory, through the elementwise operators fused behind it.
package struct Sink {
  package let placed: Placed
  let epilogue: Region?
  /// A pool that takes the results; `store` leaves it aside.
  var pool: FusedPool?
  /// What becomes of the operator's result at a position before anything else reads it; nil for nothing.
  var adjustment: ((_ builder: KernelBuilder, _ position: [IndexExpr], _ value: Expr) -> Expr)?

  /// Whether elements are stored as they are, so that they may be read back.
  package var isDirect: Bool { epilogue == nil }

  package var shape: [IndexExpr] { placed.shape }
  package var layout: Layout { placed.layout }

  /// Whether elements pass through functions whose constants would take registers from a tile of sums.
  package func usesFunctions(_ target: Target) throws(Diagnostic) -> Bool {
    guard let epilogue else { return false }
    let position = placed.shape.map { _ in IndexExpr(0) }
    let trial = KernelBuilder(target: target)
    let seed = Expr.zero(epilogue.seedElement ?? placed.element)
    let (statements, value) = try epilogue.evaluate(at: position, seedValue: seed, trial)
    return value.usesFunctions || statements.flatMap(\.expressions).contains(where: \.usesFunctions)
  }

  /// The statements that finish and store one element.
  ///
  /// - Parameter value: the operator's own result at the logical `position`.
  package func store(
    _ value: Expr, at position: [IndexExpr], _ builder: KernelBuilder
  ) throws(Diagnostic) -> [Statement] {
    let view = builder.view(placed, isWritten: true)
    let (statements, result) = try finished(value, at: position, builder)
    return statements + [view.store(result, at: position)]
  }

  /// One element behind the elementwise operators, and the statements that compute it.
  func finished(
    _ value: Expr, at position: [IndexExpr], _ builder: KernelBuilder
  ) throws(Diagnostic) -> (statements: [Statement], value: Expr) {
    let value = adjustment?(builder, position, value) ?? value
    guard let epilogue else { return ([], value) }
    return try epilogue.evaluate(at: position, seedValue: value, builder)
  }
}

extension Expr {
  /// Whether a function is computed by polynomials, or from tables.
  fileprivate var usesFunctions: Bool {
    if case .lookup = self { return true }
    if case .unary(let op, _) = self {
      switch op {
      case .neg, .abs, .sqrt, .floor, .ceil, .round, .trunc, .not, .popcount, .isNaN, .isInf: break
      default: return true
      }
    }
    return children.contains(where: \.usesFunctions)
  }
}
