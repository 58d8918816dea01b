import Diagnostics
import IR
import Martlet

/// Something that runs, with the graph whose inputs and outputs it has.
struct Runnable {
  let graph: Graph
  let executor: any Executor
  let progress: Progress

  /// Makes an engine for a model.
  static func load(
    _ path: String, engine: Engine, threads: Int, shapes: ShapeOptions, common: CommonOptions
  ) throws -> Runnable {
    let model = try shapes.load(path, common)
    let progress = Progress(engine.rawValue)
    let executor = try model.executor(engine, threads: threads) { done, total in
      progress.report(done, of: total)
    }
    return Runnable(graph: model.graph, executor: executor, progress: progress)
  }
}
