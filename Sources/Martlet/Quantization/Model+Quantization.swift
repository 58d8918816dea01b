import Compression
public import Diagnostics
import Foundation
import IR
import Interpreter
import PassManager
import Passes
import Tensors

extension Model {
  /// Prepares the graph for quantization: layers take in what they can, in the standard's own operators.
  ///
  /// - Throws: what passes throw.
  public mutating func prepareForQuantization() throws(Diagnostic) {
    _ = try Optimizer().run(.portable, on: &graph)
  }

  /// Finds a quantization plan by measuring on samples.
  ///
  /// - Parameter progress: called with what is being done, and how many steps of how many are.
  /// - Precondition: `prepareForQuantization` has run.
  /// - Throws: `quantize.no-candidates`, `quantize.node-unknown`, `calibration.not-finite`; `calibration.model` and
  ///   `calibration.values` when `options.statistics` are of another model; what reading samples or running throws.
  public func quantizationPlan(
    _ samples: DatasetSamples, _ options: QuantizeOptions = QuantizeOptions(),
    progress: @escaping @Sendable (String, Int, Int) -> Void = { _, _, _ in }
  ) throws -> QuantizationOutcome {
    let first = try samples.inputs(0)
    var bound = self
    try bound.bind(
      graph.inputs.compactMap { id in
        let name = graph[id].name
        return first[name].map { ShapeBinding(name: name, dimensions: $0.shape) }
      })
    let threads =
      options.threads > 0 ? options.threads : ProcessInfo.processInfo.activeProcessorCount
    let quantizer = Quantizer(
      options.compression, store: options.statistics.map { StatisticsFileStore(path: $0) },
      makeExecutor: Self.factory(options, threads), progress: progress)
    return QuantizationOutcome(result: try quantizer.run(bound.graph, samples))
  }

  /// Machine code, or the interpreter for parts that have none.
  private static func factory(_ options: QuantizeOptions, _ threads: Int) -> ExecutorFactory {
    { graph in
      if options.engine == .interpreter { return Interpreter(graph) }
      var optimized = graph
      _ = try Optimizer().run(.compile, on: &optimized)
      do {
        return try NativeExecutor(optimized, threads: threads, code: options.code)
      } catch is DiagnosticList {
        return Interpreter(graph)
      }
    }
  }

  /// Carries out a plan.
  ///
  /// - Precondition: `prepareForQuantization` has run.
  /// - Throws: `pass.verify` (internal).
  public mutating func quantize(_ plan: QuantizationPlanFile) throws(Diagnostic) {
    let steps = [Pass.migrateChannelRanges(plan.plan), .insertQuantization(plan.plan)]
    _ = try PassManager().run(Pipeline("quantize", steps), on: &graph)
  }
}
