public import Diagnostics
public import IR
import Tensors

/// Runs a graph on samples, one at a time, and keeps statistics of its values.
public struct Collector: Sendable {
  private let graph: Graph
  private let watched: Set<ValueID>
  public private(set) var statistics: CalibrationStatistics

  /// Goes on with statistics, or begins where they are of no samples.
  ///
  /// - Throws: `calibration.unknown-value` when the graph lacks a value of the statistics.
  public init(
    _ graph: Graph, continuing statistics: CalibrationStatistics
  ) throws(Diagnostic) {
    self.graph = graph
    self.statistics = statistics
    var watched: Set<ValueID> = []
    for name in statistics.values.keys.sorted() {
      guard let id = graph.value(named: name) else {
        throw Diagnostic(
          "calibration.unknown-value", "the model has no such value",
          at: .value(model: graph.source, name: name))
      }
      watched.insert(id)
    }
    self.watched = watched
  }

  /// The values that can be watched: inputs and results of nodes that are tensors of floats of 16 bits or more.
  public static func candidates(in graph: Graph) -> [ValueID] {
    let computed = graph.nodeIDs.flatMap { graph[$0].outputs }.compactMap { $0 }
    return (graph.inputs + computed).filter { id in
      guard let element = graph.tensorType(id)?.element else { return false }
      return [.f32, .f16, .bf16, .f64].contains(element)
    }
  }

  /// Runs on a sample and takes in its values, unless a sample with its digest has been seen.
  ///
  /// - Parameters:
  ///   - inputs: one for each of the graph's inputs, in order.
  ///   - name: what messages call the sample.
  /// - Returns: whether the sample was new.
  /// - Throws: `calibration.not-finite` with the value's node, and what the executor throws; the statistics are those
  ///   before the sample then.
  @discardableResult
  public mutating func add(
    _ inputs: [Value], named name: String, digest: String, on executor: any Executor
  ) throws -> Bool {
    guard !statistics.sampleDigests.contains(digest) else { return false }
    var next = statistics
    var failure: Diagnostic?
    _ = try executor.run(inputs, taps: watched) { id, value in
      guard failure == nil, let tensor = value.tensor else { return }
      do throws(Diagnostic) {
        try next.values[graph[id].name, default: ValueStatistics()].add(tensor)
      } catch {
        failure = error.calibration(of: id, in: graph, sample: name)
      }
    }
    if let failure { throw failure }
    next.sampleDigests.insert(digest)
    statistics = next
    return true
  }
}

extension Diagnostic {
  /// What is wrong with a value's elements, with its node and the sample.
  package func calibration(of id: ValueID, in graph: Graph, sample: String) -> Diagnostic {
    let value = Location.value(model: graph.source, name: graph[id].name)
    var result = located(at: graph.producer(of: id).map(graph.location) ?? value)
    result.message = "value '\(graph[id].name)': \(result.message)"
    result.notes.append("in sample '\(sample)'")
    return result
  }
}
