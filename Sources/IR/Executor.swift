/// Runs a graph: the interpreter and the native JIT both are one, so calibration, search and tests run on either.
public protocol Executor: Sendable {
  /// Runs once and returns the graph's outputs in order.
  ///
  /// - Parameters:
  ///   - inputs: one value per graph input, in order.
  ///   - tap: called with every computed value that is asked for in `taps`.
  /// - Throws: a `Diagnostic` located at the node at fault.
  func run(
    _ inputs: [Value], taps: Set<ValueID>, tap: (ValueID, Value) -> Void
  ) throws -> [Value]
}

extension Executor {
  public func run(_ inputs: [Value]) throws -> [Value] {
    try run(inputs, taps: []) { _, _ in }
  }
}
