import Foundation
public import IR
import Interpreter

extension Model {
  /// What runs the model on an engine.
  ///
  /// - Parameters:
  ///   - engine: machine code or the reference.
  ///   - threads: the most to use; 0 for all. The interpreter uses one.
  ///   - passes: how the passes before native code are watched.
  ///   - code: what native code may do.
  ///   - progress: called now and then with how many steps of how many are done, where the engine can tell.
  /// - Throws: a `Diagnostic`.
  public func executor(
    _ engine: Engine, threads: Int = 0, passes: PassSettings = PassSettings(),
    code: CodeOptions = CodeOptions(),
    progress: (@Sendable (Int, Int) -> Void)? = nil
  ) throws -> any Executor {
    switch engine {
    case .interpreter:
      return Interpreter(try graph.reference(), progress: progress)
    case .native:
      let threads = threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount
      var optimized = graph
      _ = try Optimizer(passes).run(.compile, on: &optimized)
      return try NativeExecutor(optimized, threads: threads, code: code)
    }
  }
}
