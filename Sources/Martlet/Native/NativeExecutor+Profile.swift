import CRuntime
public import IR
import Loops
import Synchronization
import Tensors

/// Where the time of one run goes: one launch of a kernel.
public struct StepTime: Encodable, Sendable {
  /// The node that the step computes.
  public let node: String
  /// The operator, where the node is still in the graph that was compiled.
  public let op: String?
  public let kernel: String
  /// Wall-clock time, the mean over all runs.
  public let milliseconds: Double
  /// Multiply-accumulates, where they are a number.
  public let multiplyAccumulates: Int?

  /// Two floating-point operations for each multiply-accumulate.
  public var gigaflopsPerSecond: Double? {
    guard let multiplyAccumulates, multiplyAccumulates > 0, milliseconds > 0 else { return nil }
    return 2 * Double(multiplyAccumulates) / milliseconds / 1e6
  }
}

extension NativeExecutor {
  /// Runs for about `seconds` and returns the mean time of every step, in the order of execution.
  public func profile(_ inputs: [Value], seconds: Double) throws -> [StepTime] {
    var nanoseconds = [Int64](repeating: 0, count: max(1, program.steps.count))
    _ = try run(inputs)
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    var runs = 0
    try nanoseconds.withUnsafeMutableBufferPointer { counters in
      martlet_session_set_profile(session, counters.baseAddress)
      defer { martlet_session_set_profile(session, nil) }
      repeat {
        _ = try run(inputs)
        runs += 1
      } while clock.now < end
    }
    let nodes = Dictionary(graph.nodeIDs.map { (graph[$0].name, $0) }) { first, _ in first }
    let inference = TypeInference()
    return program.steps.enumerated().map { number, step in
      let id = nodes[step.label]
      let work = id.map {
        graph[$0].op.multiplyAccumulates(inference.context(for: $0, in: graph))
      }
      return StepTime(
        node: step.label, op: id.map { graph[$0].opName },
        kernel: program.kernels[step.kernel].name,
        milliseconds: Double(nanoseconds[number]) / Double(runs) / 1e6,
        multiplyAccumulates: work?.value)
    }
  }
}
