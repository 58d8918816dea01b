import Foundation
import TestSupport

/// What `martlet-dev conformance` says about the cases that a manifest lists: `pass`, `crash`, or `fail` and why, by name.
///
/// The cases run in a process of their own: code that crashes takes no test but its own along.
enum ConformanceTool {
  static func results(on engine: String, _ mode: ConformanceMode = .fixed) throws -> [String:
    String]
  {
    let report = FileManager.default.temporaryDirectory
      .appendingPathComponent("conformance-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: report) }
    let tool = Process()
    tool.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent().appendingPathComponent("martlet-dev")
    tool.arguments =
      ["conformance", "--mode", mode.rawValue, "--listed", "--report", report.path]
      + (engine == "native" ? ["--native"] : [])
    tool.standardOutput = FileHandle.nullDevice
    try tool.run()
    tool.waitUntilExit()
    var results: [String: String] = [:]
    for line in try String(contentsOf: report, encoding: .utf8).split(separator: "\n") {
      let parts = line.split(separator: "\t", maxSplits: 2).map(String.init)
      guard parts.count > 1 else { continue }
      results[parts[0]] = parts[1] == "fail" ? parts.dropFirst().joined(separator: ": ") : parts[1]
    }
    return results
  }
}
