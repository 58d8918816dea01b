import Diagnostics
import IR
import Martlet

/// Something that runs: a model on an engine, or an artefact.
struct Runnable {
  let signature: Signature
  let executor: any Executor
  let progress: Progress
  /// The variant that runs; nil when the model is not a compiled one.
  let variant: String?

  /// Opens a library, or reads a model and makes an engine for it.
  static func load(
    _ path: String, engine: Engine, threads: Int, variant: String?, shapes: ShapeOptions,
    code: CodeOptionGroup,
    common: CommonOptions
  ) throws -> Runnable {
    if path.hasSuffix(".so") {
      let artefact = try Artefact(path, threads: threads, variant: variant)
      common.log("\(path): runs the variant \(artefact.variant)")
      return Runnable(
        signature: artefact.signature, executor: artefact, progress: Progress("artefact"),
        variant: artefact.variant)
    }
    guard variant == nil else {
      throw Diagnostic(
        "run.no-variants", "a model has no variants, expected a compiled library with --variant",
        at: .file(path))
    }
    let model = try shapes.load(path, common)
    let progress = Progress(engine.rawValue)
    let executor = try model.executor(engine, threads: threads, code: code.options()) {
      done, total in
      progress.report(done, of: total)
    }
    return Runnable(
      signature: Signature(model.graph), executor: executor, progress: progress, variant: nil)
  }
}
