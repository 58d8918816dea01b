import Diagnostics
import Foundation

/// The system's C compiler, which compiles the run-time and drives the linker.
struct CCompiler {
  /// The command's name or path.
  let command: String
  /// Where commands run and temporary files are.
  let folder: URL

  /// Runs the compiler.
  ///
  /// - Throws: `link.no-compiler` when there is none, `link.failed` with what it said.
  func run(_ arguments: [String]) throws(Diagnostic) {
    try Self.run(command, arguments, in: folder)
  }

  /// Runs a program of the tool chain in a folder.
  static func run(_ program: String, _ arguments: [String], in folder: URL) throws(Diagnostic) {
    let log = folder.appendingPathComponent("messages-\(UUID().uuidString).txt")
    try writeFile(Data(), to: log.path)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    do {
      let output = try FileHandle(forWritingTo: log)
      process.standardOutput = output
      process.standardError = output
      try process.run()
    } catch {
      throw Diagnostic("link.no-compiler", "cannot run '\(program)': \(error.localizedDescription)")
    }
    process.waitUntilExit()
    guard process.terminationStatus != 0 else { return }
    let said = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
    // 126 and 127 are env's own: the program cannot be run, or is not there.
    if process.terminationStatus == 126 || process.terminationStatus == 127 {
      throw Diagnostic(
        "link.no-compiler",
        "there is no '\(program)' here to compile and link with, expected a C compiler for the target",
        notes: ["--cc selects another one"])
    }
    throw Diagnostic(
      "link.failed", "'\(program)' failed with status \(process.terminationStatus)",
      notes: said.split(separator: "\n").prefix(20).map(String.init))
  }
}
