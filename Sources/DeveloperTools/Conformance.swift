import ArgumentParser
import Foundation
import IR
import Interpreter
import Martlet
import PassManager
import Passes
import TestSupport

/// Runs the standard's node cases and says for each whether it passes, and why not.
///
/// The cases run in a process of their own, so that one which traps is reported like any other.
struct Conformance: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the standard's node cases on an engine.")

  @Argument(help: "Folder with one folder per case; by default the data beside the package.")
  var folder: String?
  @Option(help: "Only cases whose name contains this.") var filter = ""
  @Option(help: "Write the results here, one line per case.") var report: String?
  @Flag(help: "List in the manifest what passes now.") var update = false
  @Flag(help: "Run compiled code instead of the interpreter.") var native = false
  @Option(help: "How models are read: static, symbolic (open sizes) or constants (known inputs).")
  var mode = ConformanceMode.fixed
  @Flag(help: "Only cases that the manifest lists for the engine.") var listed = false
  @Flag(help: "Only code that knows the model alone, as that of artefacts; implies --native.")
  var ahead = false
  @Option(help: .private) var worker: Int?

  private var isNative: Bool { native || ahead }
  private var engine: String { isNative ? "native" : "interpreter" }

  func run() throws {
    guard let root = folder ?? ConformanceData.root else {
      throw ValidationError("the conformance data is not on this machine")
    }
    let known = listed ? Set(try ConformanceManifest.standard(mode).cases(on: engine)) : nil
    let names = try FileManager.default.contentsOfDirectory(atPath: root)
      .filter { $0.hasPrefix("test_") && (filter.isEmpty || $0.contains(filter)) }
      .filter { known?.contains($0) ?? true }.sorted()
    if let worker { return work(names, in: root, from: worker) }
    var results: [String] = []
    while results.count < names.count {
      results += try spawn(root, from: results.count)
      if results.count < names.count { results.append("\(names[results.count])\tcrash\t") }
    }
    let text = results.joined(separator: "\n") + "\n"
    if let report {
      try text.write(toFile: report, atomically: true, encoding: .utf8)
    } else {
      print(text, terminator: "")
    }
    let passing = zip(names, results).filter { $1.contains("\tpass\t") }.map(\.0)
    print("\(passing.count) of \(names.count) pass")
    if update, filter.isEmpty, !listed, !ahead {
      var manifest = try ConformanceManifest.standard(mode)
      let reasons = zip(names, results).compactMap { name, result in
        Self.reason(of: result).map { (name, $0) }
      }
      manifest.set(engine, passing, reasons: Dictionary(reasons) { first, _ in first })
      try manifest.text.write(
        toFile: ConformanceManifest.path(mode), atomically: true, encoding: .utf8)
      if mode == .fixed { try writeOperators(of: names, in: root) }
    }
  }

  /// Lists what the models of all cases are made of.
  private func writeOperators(of names: [String], in root: String) throws {
    var operators = ConformanceOperators(text: "")
    for name in names {
      if let graph = try? ConformanceCase(name: name, in: root).model() {
        operators.set(name, graph)
      }
    }
    try operators.text.write(
      toFile: ConformanceOperators.standardPath, atomically: true, encoding: .utf8)
  }

  /// What a case passes by, where that is not code that knows no more than the model.
  private static func note(_ knowledge: UnrollingExecutor.Knowledge) -> String? {
    switch knowledge {
    case .forms: nil
    case .values: "by code for these values"
    case .sizes: "by code for these sizes"
    }
  }

  /// Why a case does not pass, or what it passes by, short enough for a line of the manifest.
  private static func reason(of result: String) -> String? {
    let parts = result.split(separator: "\t", omittingEmptySubsequences: false)
    guard parts.count > 2, parts[1] != "pass" || !parts[2].isEmpty else { return nil }
    let first = parts[2].components(separatedBy: " | ")[0].replacing("model.onnx: ", with: "")
    let text = parts[1] == "crash" ? "crashes" : first
    return text.count > 160 ? text.prefix(157) + "..." : text
  }

  private func work(_ names: [String], in root: String, from start: Int) {
    for name in names.dropFirst(start) {
      var unrolling: UnrollingExecutor?
      let reason = ConformanceCase(name: name, in: root).failure(mode) { graph in
        var graph = graph
        // What is known about constants is for passes to find.
        if mode == .constants {
          for pipeline in isNative ? Pipelines.compile : [Pipelines.cleanup] {
            _ = try PassManager().run(pipeline, on: &graph)
          }
        }
        if ahead { return try NativeExecutor(graph) }
        guard isNative else { return Interpreter(graph) }
        let executor = try UnrollingExecutor.executor(for: graph)
        unrolling = executor as? UnrollingExecutor
        return executor
      }
      let note = unrolling.flatMap { Self.note($0.knowledge) }
      let line = (reason ?? note ?? "").replacing("\n", with: " | ")
      print("\(name)\t\(reason == nil ? "pass" : "fail")\t\(line)")
      fflush(nil)
    }
  }

  /// The lines that a worker printed before it was done or died.
  private func spawn(_ root: String, from start: Int) throws -> [String] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
    process.arguments =
      ["conformance", root, "--filter", filter, "--mode", mode.rawValue, "--worker", String(start)]
      + (native ? ["--native"] : []) + (ahead ? ["--ahead"] : []) + (listed ? ["--listed"] : [])
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}

extension ConformanceMode: ExpressibleByArgument {}
