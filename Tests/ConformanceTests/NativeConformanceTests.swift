import Foundation
import TestSupport
import Testing

/// The standard's node cases that the manifest lists for compiled code.
///
/// They run in a process of their own, all at once and before the first is asked for: code that crashes takes no test
/// but its own along.
@Suite("ONNX node cases as compiled code")
struct NativeConformanceTests {
  @Test(
    "passes",
    .enabled(if: ConformanceData.root != nil, "the conformance data is not on this machine"),
    arguments: try ConformanceManifest.standard().cases(on: "native"))
  func passes(name: String) throws {
    #expect(try Self.results.get()[name] == "pass")
  }

  /// What `martlet-dev conformance` says about each listed case: `pass`, `crash`, or `fail` and why.
  private static let results = Result { () throws -> [String: String] in
    let report = FileManager.default.temporaryDirectory
      .appendingPathComponent("native-conformance-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: report) }
    let tool = Process()
    tool.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent().appendingPathComponent("martlet-dev")
    tool.arguments = ["conformance", "--native", "--listed", "--report", report.path]
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
