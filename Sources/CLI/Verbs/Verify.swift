import ArgumentParser
import Diagnostics
import Foundation
import IR
import Martlet
import Tensors

/// Holds native code against the interpreter.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare native code with the reference interpreter, value by value.",
    discussion: """
      Outputs agree when |a - b| <= relative |b| + absolute max|b| for every element. When they do not, the first \
      inner value that differs is named. Exit status 1 means that they do not agree.
      """)

  @OptionGroup var options: ModelOptions
  @OptionGroup var inputs: InputOptions
  @OptionGroup var passes: PassOptionGroup
  @OptionGroup var code: CodeOptionGroup
  @OptionGroup var variant: VariantOption

  @Option(help: "Check this compiled library instead.", completion: .file(extensions: ["so"]))
  var artefact: String?
  @Option(
    help: ArgumentHelp("Compare with outputs recorded in this folder, NAME.npy.", valueName: "DIR"),
    completion: .directory)
  var against: String?
  @Option(help: "Which engine is checked, with --against: native or interpreter.")
  var engine = Engine.native
  @Option(help: "Relative tolerance (default: 1e-3; with --precision bf16 1e-2).")
  var relative: Double?
  @Option(
    help:
      "Absolute tolerance, as a fraction of the largest value (default: 1e-4; with --precision bf16 2e-2)."
  )
  var absolute: Double?
  @Option(help: "The most threads to use; 0 is all.") var threads = 0
  @Flag(help: "Compare inner values even when the outputs agree.") var everyValue = false
  @Flag(help: "Report the error of every layer against a reference in double precision.")
  var layers = false
  @Flag(help: "Print JSON.") var json = false

  func validate() throws {
    if layers, artefact != nil || against != nil || engine != .native {
      throw ValidationError("--layers looks into a model that is compiled in this process")
    }
    if variant.variant != nil, artefact == nil {
      throw ValidationError("--variant chooses a variant of a library: say which with --artefact")
    }
  }

  func run() throws {
    let model = try options.load()
    let signature = Signature(model.graph)
    var files = inputs.files
    files.randomSeed = files.randomSeed ?? 0
    let values = try files.values(for: signature)
    let progress = Progress("interpreter")
    let reference = try model.executor(.interpreter) { done, total in
      progress.report(done, of: total)
    }
    let verification: Verification
    if let against {
      let expected = try OutputFiles(folder: against).read(signature)
      let actual = try checked(model, engine).run(values)
      verification = Verification(
        outputs: actual, expected: expected, signature: signature, tolerance: tolerance)
    } else if let artefact {
      verification = Verification(
        outputs: try open(artefact).run(values),
        expected: try reference.run(values), signature: signature, tolerance: tolerance)
    } else {
      verification = try Verification(
        model.graph, inputs: values, tolerance: tolerance, reference: reference,
        everyValue: everyValue
      ) { graph in
        var changed = model
        changed.graph = graph
        return try checked(changed, .native)
      }
    }
    progress.finish()
    try show(verification, layers ? try layerErrors(model, values) : nil)
    if !verification.agrees { throw ExitStatus.failure }
  }

  private var tolerance: Tolerance {
    let usual: Tolerance =
      code.precision == .bf16 ? .wholeRoundedNetwork : .wholeNetwork
    guard case .network(let ratio, let fraction) = usual else { return usual }
    return .network(relative: relative ?? ratio, ofLargest: absolute ?? fraction)
  }

  private func checked(_ model: Model, _ engine: Engine) throws -> any Executor {
    if let artefact { return try open(artefact) }
    return try model.executor(
      engine, threads: threads, passes: passes.optimizer.settings, code: code.options())
  }

  private func open(_ path: String) throws -> Artefact {
    let artefact = try Artefact(path, threads: threads, variant: variant.variant)
    options.common.log("\(path): runs the variant \(artefact.variant)")
    return artefact
  }

  private func layerErrors(_ model: Model, _ values: [Value]) throws -> LayerErrors {
    var optimized = model.graph
    _ = try passes.optimizer.run(.compile, on: &optimized)
    return try LayerErrors(
      model.graph, optimized: optimized, inputs: values,
      threads: threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount,
      code: code.options())
  }

  /// A verification, and the layers' errors beside it.
  private struct Report: Encodable {
    let verification: Verification
    let errors: LayerErrors

    func encode(to encoder: any Encoder) throws {
      try verification.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(errors, forKey: .errors)
    }

    private enum CodingKeys: CodingKey { case errors }
  }

  private func show(_ verification: Verification, _ errors: LayerErrors?) throws {
    if json {
      guard let errors else { return try Console.json(verification) }
      return try Console.json(Report(verification: verification, errors: errors))
    }
    for output in verification.outputs {
      print(
        "\(output.agrees ? "agrees " : "DIFFERS")  \(output.name)  largest error "
          + "\(Quantity.error(output.largestAbsoluteError)) absolute, "
          + "\(Quantity.error(output.largestRelativeError)) relative"
          + (output.mismatch.map { "\n         \($0)" } ?? ""))
    }
    if let first = verification.firstDivergence {
      let node = first.node.map { "node '\($0)'" } ?? "value"
      print("first divergence: \(node)\(first.op.map { " (\($0))" } ?? ""), '\(first.name)'")
      if let mismatch = first.mismatch { print("         \(mismatch)") }
    } else if verification.innerCount > 0 {
      print("all \(verification.innerCount) inner values agree")
    }
    if let errors { show(errors) }
  }

  private func show(_ errors: LayerErrors) {
    print("\nagainst double precision")
    var table = TextTable([
      "largest error", "largest output", "relative rms", "rms from the inputs on", "operator",
      "node",
      "choice",
    ])
    for layer in errors.layers {
      table.add([
        Quantity.error(layer.own.largest), Quantity.error(layer.own.largestOutput),
        Quantity.error(layer.own.relative), Quantity.error(layer.accumulated.relative), layer.op,
        layer.node, layer.choice,
      ])
    }
    for output in errors.outputs {
      table.add([
        Quantity.error(output.error.largest), Quantity.error(output.error.largestOutput), "",
        Quantity.error(output.error.relative), "output", output.name,
      ])
    }
    print(table.description)
  }
}
