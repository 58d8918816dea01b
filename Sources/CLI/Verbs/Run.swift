import ArgumentParser
import IR
import Martlet
import Tensors

/// One run on given or random inputs.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a model or an artefact once and show or write its outputs.")

  @Argument(help: "A model (.onnx) or a compiled library (.so).", completion: .file())
  var model: String

  @OptionGroup var inputs: InputOptions
  @OptionGroup var shapes: ShapeOptions
  @OptionGroup var code: CodeOptionGroup
  @OptionGroup var variant: VariantOption
  @OptionGroup var common: CommonOptions

  @Option(help: "Write one NAME.npy for each output into this folder.", completion: .directory)
  var outputDir: String?
  @Option(help: "What runs the model: native or interpreter.") var engine = Engine.native
  @Option(help: "The most threads to use; 0 is all.") var threads = 0
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let runnable = try Runnable.load(
      model, engine: engine, threads: threads, variant: variant.variant, shapes: shapes,
      code: code,
      common: common)
    let values = try inputs.files.values(for: runnable.signature)
    let start = ContinuousClock().now
    let outputs = try runnable.executor.run(values)
    runnable.progress.finish()
    common.log(
      "run: \(Quantity.milliseconds((ContinuousClock().now - start) / .milliseconds(1))) ms")
    let signature = runnable.signature
    let summaries = zip(signature.outputs, outputs).map { ValueSummary(name: $0.name, value: $1) }
    if json {
      try Console.json(summaries)
    } else {
      for summary in summaries { print(summary.line) }
    }
    if let outputDir {
      for path in try OutputFiles(folder: outputDir).write(outputs, of: signature) {
        common.log("wrote \(path)")
      }
    }
  }
}
