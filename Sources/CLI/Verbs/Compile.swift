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

  @Option(name: .shortAndLong, help: "The artefact to write.", completion: .file())
  var output: String?
  @Option(
    help: ArgumentHelp(
      "native, x86-64-v2, x86-64-v3, x86-64-v4, x86-64-v4-vnni, aarch64, or TRIPLE[:CPU[:FEATURES]].",
      valueName: "TARGET"),
    completion: .list(TargetSelection.names))
  var target = "native"
  @Option(help: "The most threads that a run may use; 0 is all that its machine has.")
  var threads = 0
  @Option(help: ArgumentHelp("The C compiler to link with.", valueName: "COMMAND"))
  var cc: String?
  @Option(
    help: ArgumentHelp("What functions in a .a or .o begin with, instead of the model's name."))
  var name: String?
  @Flag(inversion: .prefixedNo, help: "Record a run that the artefact's self-test replays.")
  var selftest = true
  @Option(
    help: "Print the optimized graph, program, LLVM IR or assembly instead of writing an artefact.")
  var emit: Emission?
  @Flag(help: "Print JSON.") var json = false

  private struct Report: Encodable {
    let files: [String]
    let seconds: Double
    let artefactByteCount: Int
    let constantByteCount: Int
    let workspaceByteCount: Int?
    let kernelCount: Int
    let hasSelfTest: Bool
    let peakByteCount: Int
  }

  func validate() throws {
    if output == nil, emit == nil {
      throw ValidationError("say where to write with --output, or what to print with --emit")
    }
    if threads < 0 { throw ValidationError("found --threads \(threads), expected 0 or more") }
  }

  func run() throws {
    let start = ContinuousClock().now
    let progress = Progress("compile")
    defer { progress.finish() }
    let compiler = compiler(progress)
    let model = try options.load()
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
    let files = try ArtefactWriter(compiler: cc, name: name).write(compiled, to: output)
    progress.finish()
    try show(compiled, files, seconds: (ContinuousClock().now - start) / .seconds(1))
  }

  private static let phaseCount = Compiler.Phase.allCases.count + 1

  private func compiler(_ progress: Progress) -> Compiler {
    var settings = CompileOptions()
    settings.target = target
    settings.threads = threads
    settings.code = code.options
    settings.passes = passes.optimizer.settings
    settings.recordsRun = selftest && emit == nil
    var compiler = Compiler(settings)
    let isVerbose = options.common.verbose
    compiler.progress = { phase in
      let number = Compiler.Phase.allCases.firstIndex(of: phase) ?? 0
      if isVerbose { Console.error(phase.rawValue) }
      progress.report(number, of: Self.phaseCount, phase.rawValue)
    }
    return compiler
  }

  private func show(_ compiled: CompiledModel, _ files: [String], seconds: Double) throws {
    let size = try FileManager.default.attributesOfItem(atPath: files[0])[.size] as? Int ?? 0
    let report = Report(
      files: files, seconds: seconds, artefactByteCount: size,
      constantByteCount: compiled.constantByteCount,
      workspaceByteCount: compiled.arenaByteCount, kernelCount: compiled.kernelCount,
      hasSelfTest: compiled.hasRecording, peakByteCount: ProcessFacts.peakResidentByteCount)
    if json { return try Console.json(report) }
    let workspace = report.workspaceByteCount.map { Quantity.bytes($0) } ?? "shape-dependent"
    print(
      "\(files[0]): \(Quantity.bytes(size)), of which \(Quantity.bytes(report.constantByteCount)) "
        + "weights; \(workspace) working memory; \(report.kernelCount) kernels; "
        + String(format: "%.1f s", seconds))
    if selftest, !compiled.hasRecording {
      Console.error("\(files[0]): warning: no run could be recorded for the self-test")
    }
  }
}
