import ArgumentParser
import Foundation
import IR
import Interpreter
import Martlet
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
  @Flag(help: "Only cases that the manifest lists for the engine.") var listed = false
  @Option(help: .private) var worker: Int?

  private var engine: String { native ? "native" : "interpreter" }

  func run() throws {
    guard let root = folder ?? ConformanceData.root else {
      throw ValidationError("the conformance data is not on this machine")
    }
    let known = listed ? Set(try ConformanceManifest.standard().cases(on: engine)) : nil
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
    if update, filter.isEmpty, !listed {
      var manifest = try ConformanceManifest.standard()
      manifest.set(engine, passing)
      try manifest.text.write(
        toFile: ConformanceManifest.standardPath, atomically: true, encoding: .utf8)
    }
  }

  private func work(_ names: [String], in root: String, from start: Int) {
    for name in names.dropFirst(start) {
      let reason = ConformanceCase(name: name, in: root).failure { graph in
        native ? try UnrollingExecutor.executor(for: graph) : Interpreter(graph)
      }
      let line = (reason ?? "").replacing("\n", with: " | ")
      print("\(name)\t\(reason == nil ? "pass" : "fail")\t\(line)")
      fflush(nil)
    }
  }

  /// The lines that a worker printed before it was done or died.
  private func spawn(_ root: String, from start: Int) throws -> [String] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
    process.arguments =
      ["conformance", root, "--filter", filter, "--worker", String(start)]
      + (native ? ["--native"] : []) + (listed ? ["--listed"] : [])
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
