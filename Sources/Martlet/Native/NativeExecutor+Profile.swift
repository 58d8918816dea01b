import CRuntime
public import IR
import Loops
import Lowering
import Synchronization
import Tensors

/// One launch of a kernel: what it does and how long it took, the median over all runs.
public struct MeasuredStep: Sendable {
  /// The node of the compiled graph that the step is there for; empty for copies to the program's outputs.
  let node: String
  /// What it computes or moves: a node's name, or words with a value's.
  let label: String
  let kernel: String
  /// Which algorithm and sizes were chosen, and why.
  let note: String
  let milliseconds: Double
  /// Nil where a size is only computed by a step.
  let work: KernelWork?
  /// Which parameters of the kernel are constants.
  let isConstant: [Bool]
}

/// A node of the compiled graph, which may stand for several of the model.
public struct MeasuredNode: Sendable {
  let name: String
  /// Its operator, or those that were fused into it.
  let ops: [String]
  /// The operator that it is counted under: of fused ones the anchor.
  let kind: String
  /// Of the operator as the model means it, where sizes are numbers.
  let multiplyAccumulates: Int?
}

/// What runs of a model in this process took, step by step.
public struct ProfileMeasurement: Sendable {
  public let threads: Int
  /// In the order of execution.
  public let steps: [MeasuredStep]
  let nodes: [MeasuredNode]
  /// Bytes of constants, working memory, inputs and outputs: all that a run touches.
  let runByteCount: Int

  /// Whether a step multiplies bytes.
  public var hasByteProducts: Bool { steps.contains { $0.work?.byteOperations ?? 0 > 0 } }
}

extension NativeExecutor {
  /// Runs for about `seconds`, three times at least, and returns what every step took.
  ///
  /// - Throws: what a run throws.
  public func profile(_ inputs: [Value], seconds: Double) throws -> ProfileMeasurement {
    var times: [[Int64]] = []
    let outputs = try run(inputs)
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    repeat { times.append(try stepNanoseconds(inputs)) } while times.count < 3 || clock.now < end
    let symbols = boundSymbols(inputs)
    let steps = program.steps.enumerated().map { number, step in
      let values = step.values.map { $0.evaluate { symbols[$0] } }
      let known = values.compactMap { $0 }
      let kernel = program.kernels[step.kernel]
      return MeasuredStep(
        node: step.node, label: step.label, kernel: kernel.name, note: step.note,
        milliseconds: Self.median(times.map { $0[number] }) / 1e6,
        work: known.count == values.count ? KernelWork(kernel, values: known) : nil,
        isConstant: step.buffers.map { program.buffers[$0].isConstant })
    }
    let ports = (inputs + outputs).compactMap(\.tensor?.byteCount).reduce(0, +)
    return ProfileMeasurement(
      threads: threads, steps: steps, nodes: measuredNodes(symbols),
      runByteCount: program.constants.byteCount + memoryByteCount + ports)
  }

  /// The least time of a step, of a program without inputs.
  func leastNanoseconds(step: Int, runs: Int) throws -> Int64 {
    try (0..<runs).map { _ in try stepNanoseconds([])[step] }.min() ?? 0
  }

  /// One run, and the wall-clock time of each step of it.
  private func stepNanoseconds(_ inputs: [Value]) throws -> [Int64] {
    var nanoseconds = [Int64](repeating: 0, count: max(1, program.steps.count))
    try nanoseconds.withUnsafeMutableBufferPointer { counters in
      martlet_session_set_profile(session, counters.baseAddress)
      defer { martlet_session_set_profile(session, nil) }
      _ = try run(inputs)
    }
    return nanoseconds
  }

  private static func median(_ times: [Int64]) -> Double {
    let sorted = times.sorted()
    return (Double(sorted[(sorted.count - 1) / 2]) + Double(sorted[sorted.count / 2])) / 2
  }

  /// The symbols of the inputs' shapes.
  private func boundSymbols(_ inputs: [Value]) -> [Symbol: Int] {
    var symbols: [Symbol: Int] = [:]
    for (port, value) in zip(program.inputs, inputs) {
      for (dimension, extent) in zip(port.shape, value.tensor?.shape ?? []) {
        if let symbol = dimension.asSymbol { symbols[symbol] = extent }
      }
    }
    return symbols
  }

  private func measuredNodes(_ symbols: [Symbol: Int]) -> [MeasuredNode] {
    let inference = TypeInference()
    return graph.nodeIDs.map { id in
      let node = graph[id]
      let work = node.op.multiplyAccumulates(inference.context(for: id, in: graph))
      return MeasuredNode(
        name: node.name, ops: node.fusedOps, kind: node.anchorOp,
        multiplyAccumulates: work.evaluate { symbols[$0] })
    }
  }
}

extension Program.Memory {
  fileprivate var isConstant: Bool {
    if case .constant = kind { return true }
    return false
  }
}
