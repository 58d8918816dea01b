import ArgumentParser
import Diagnostics
import Foundation
import IR
import Martlet

/// A model as a library or an executable.
struct Compile: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compile a model to a library, an object file or an executable.",
    discussion: """
      The extension of the output says what is made: .so, .a or .o (each with a C header beside it), or an \
      executable where there is none.
      """)

  /// What can be shown instead of being written.
  enum Emission: String, ExpressibleByArgument, CaseIterable {
    case graph
    case program
    case llvm
    case assembly
  }

  @OptionGroup var options: ModelOptions
  @OptionGroup var passes: PassOptionGroup
  @OptionGroup var code: CodeOptionGroup
  @OptionGroup var targets: TargetOption

  @Option(name: .shortAndLong, help: "The artefact to write.", completion: .file())
  var output: String?
  @Option(help: "The most threads that a run may use; 0 is all that its machine has.")
  var threads = 0
  @Option(
    help: ArgumentHelp(
      "Add code for these sizes alone, which runs when inputs have them (repeatable).",
      valueName: "NAME=1,3,224,224[;...]"),
    transform: { text in
      try text.split(separator: ";").map { part in
        guard let binding = ShapeBinding(String(part)) else {
          throw ValidationError("found '\(text)', expected NAME=1,3,224,224[;NAME=...]")
        }
        return binding
      }
    })
  var specialise: [[ShapeBinding]] = []
  @Option(help: ArgumentHelp("The C compiler to link with.", valueName: "COMMAND"))
  var cc: String?
  @Option(
    help: ArgumentHelp("What functions in a .a or .o begin with, instead of the model's name."))
  var name: String?
  @Option(
    help: ArgumentHelp(
      "Measure other kernels inside the model for so long, on this machine, and take those that are faster.",
      valueName: "SECONDS"))
  var tune: Double?
  @Flag(inversion: .prefixedNo, help: "Record a run that the artefact's self-test replays.")
  var selftest = true
  @Option(
    help: "Print the optimized graph, program, LLVM IR or assembly instead of writing an artefact.")
  var emit: Emission?
  @Flag(help: "Print JSON.") var json = false

  func validate() throws {
    if output == nil, emit == nil {
      throw ValidationError("say where to write with --output, or what to print with --emit")
    }
    if let tune, !(tune > 0 && tune <= 86_400) {
      throw ValidationError("found --tune \(tune), expected seconds above 0, a day at most")
    }
    if threads < 0 { throw ValidationError("found --threads \(threads), expected 0 or more") }
  }

  func run() throws {
    let start = ContinuousClock().now
    let progress = Progress("compile")
    defer { progress.finish() }
    let model = try options.load()
    var settings = settings
    settings.code = try code.options(willWrite: tune != nil)
    if let tune { try self.tune(model, for: tune, &settings, progress) }
    let compiler = compiler(settings, progress)
    if emit == .graph {
      let (graph, report) = try compiler.optimizedGraph(of: model)
      passes.show(report)
      return print(GraphText.text(of: graph), terminator: "")
    }
    let compiled = try compiler.compile(model)
    if let form = emit.flatMap({ CompiledModel.Form(rawValue: $0.rawValue) }) {
      return print(try compiled.text(form), terminator: "")
    }
    guard let output else { return }
    progress.report(Self.phaseCount - 1, of: Self.phaseCount, "generating code and linking")
    let writer = ArtefactWriter(compiler: cc, name: name, cache: settings.code.cache)
    let written = try writer.write(compiled, to: output)
    progress.finish()
    let seconds = (ContinuousClock().now - start) / .seconds(1)
    let report = try CompileReport(compiled, written, seconds: seconds)
    if json { return try Console.json(report) }
    print(report.text, terminator: "")
    if selftest, !compiled.hasRecording {
      Console.error("\(output): warning: no run could be recorded for the self-test")
    }
  }

  private static let phaseCount = Compiler.Phase.allCases.count + 1

  /// Measures, and adds what was found to the options and to the database's file.
  private func tune(
    _ model: Model, for seconds: Double, _ settings: inout CompileOptions, _ progress: Progress
  ) throws {
    let graph = try Compiler(settings).optimizedGraph(of: model).0
    let inputs = try InputFiles(randomSeed: 0).values(for: Signature(model.graph))
    var tuner = Tuner(threads: max(1, threads), seconds: seconds)
    tuner.progress = { done, total in progress.report(done, of: total, "measuring kernels") }
    let found = try tuner.tune(graph, inputs, code: settings.code)
    var database = settings.code.tuning ?? TuningDatabase()
    database.merge(found)
    settings.code.tuning = database
    if let path = code.tuning { try database.write(to: path) }
    if options.common.verbose {
      for (problem, entry) in found.processors.values.joined().sorted(by: { $0.key < $1.key }) {
        Console.error("\(problem): \(entry.row), \(entry.ratio) of the time")
      }
    }
  }

  private var settings: CompileOptions {
    var settings = CompileOptions()
    settings.targets = targets.names
    settings.threads = threads
    settings.specialisations = specialise
    settings.passes = passes.optimizer.settings
    settings.recordsRun = selftest && emit == nil
    return settings
  }

  private func compiler(_ settings: CompileOptions, _ progress: Progress) -> Compiler {
    var compiler = Compiler(settings)
    let isVerbose = options.common.verbose
    compiler.progress = { phase in
      let number = Compiler.Phase.allCases.firstIndex(of: phase) ?? 0
      if isVerbose { Console.error(phase.rawValue) }
      progress.report(number, of: Self.phaseCount, phase.rawValue)
    }
    return compiler
  }
}
