import Diagnostics
public import IR

/// Machine code with taps: a copy of the graph that returns some of its inner values as outputs, compiled.
///
/// What is tapped is kept from being fused, and takes memory for the whole run.
public struct TappedExecutor: Executor {
  private let executor: any Executor
  private let inputs: [ValueID]
  /// The values that the code returns: the graph's outputs, and behind them what else can be tapped.
  private let results: [ValueID]
  private let outputCount: Int

  /// Compiles a graph for the running machine.
  ///
  /// - Parameters:
  ///   - model: what the graph is from.
  ///   - taps: the values that runs can be asked for, all of them tensors; inputs are among them anyway.
  /// - Throws: what compilation throws.
  public init(_ model: Model, taps: Set<ValueID>, threads: Int = 0, code: CodeOptions) throws {
    let graph = model.graph
    inputs = graph.inputs
    outputCount = graph.outputs.count
    let inner = taps.subtracting(graph.outputs).filter { graph.producer(of: $0) != nil }
    results = graph.outputs + inner.sorted()
    var open = model
    open.graph.setOutputs(results)
    executor = try open.executor(.native, threads: threads, code: code)
  }

  /// - Throws: `run.taps` for a tap that it was not compiled for, and what the run throws.
  public func run(
    _ inputs: [Value], taps: Set<ValueID>, tap: (ValueID, Value) -> Void
  ) throws -> [Value] {
    guard taps.isSubset(of: self.inputs + results) else {
      throw Diagnostic.unsupported("run.taps", "the code was not compiled with these taps")
    }
    for (id, value) in zip(self.inputs, inputs) where taps.contains(id) { tap(id, value) }
    let values = try executor.run(inputs)
    var remaining = taps.subtracting(self.inputs)
    for (id, value) in zip(results, values) where remaining.remove(id) != nil { tap(id, value) }
    return Array(values.prefix(outputCount))
  }
}
