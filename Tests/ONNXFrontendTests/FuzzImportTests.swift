import Foundation
import TestSupport
import Testing

/// `martlet-dev fuzz import`, run as a developer runs it.
@Suite("martlet-dev fuzz import") struct FuzzImportTests {
  private static let model = RepositoryFolder.path("Models/digits_mlp.onnx")

  /// The running program, and what it prints.
  private final class Run {
    let process = Process()
    private let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("martlet-\(UUID().uuidString).txt")

    init(_ options: [String]) throws {
      try Data().write(to: file)
      process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("martlet-dev")
      process.arguments = ["fuzz", "import", FuzzImportTests.model] + options
      process.standardOutput = try FileHandle(forWritingTo: file)
      try process.run()
    }

    deinit { try? FileManager.default.removeItem(at: file) }

    var lines: [Substring] {
      (try? String(contentsOf: file, encoding: .utf8))?.split(separator: "\n") ?? []
    }

    /// Asks until there is an answer, at most half a minute long.
    func wait<T>(for answer: (Run) -> T?) -> T? {
      for _ in 0..<600 {
        if let found = answer(self) { return found }
        usleep(50_000)
      }
      return nil
    }

    /// The processes that it has started.
    var children: [pid_t] {
      let id = process.processIdentifier
      let list = try? String(contentsOfFile: "/proc/\(id)/task/\(id)/children", encoding: .utf8)
      return list?.split(separator: " ").compactMap { pid_t($0) } ?? []
    }
  }

  @Test("imports every number once, in as many processes as it is told to use")
  func finishes() throws {
    let run = try Run(["--count", "60", "--jobs", "3"])
    run.process.waitUntilExit()
    #expect(run.process.terminationStatus == 0)
    #expect(run.lines.count == 1)
    #expect(run.lines.last?.hasPrefix("60 of 60 damaged models in ") == true)
    #expect(run.lines.last?.contains(" 0 crashes, slowest ") == true)
  }

  @Test("stops after the seconds that it has, and says how far it came")
  func stopsInTime() throws {
    let run = try Run(["--count", "100000000", "--jobs", "1", "--seconds", "0.5"])
    run.process.waitUntilExit()
    #expect(run.process.terminationStatus == 0)
    #expect(run.lines.last?.contains(" of 100000000 damaged models in ") == true)
  }

  @Test("says how far it came when it is interrupted", arguments: [SIGINT, SIGTERM])
  func reportsInterruption(_ signal: Int32) throws {
    let run = try Run(["--count", "100000000", "--jobs", "1"])
    _ = try #require(run.wait { $0.children.first })
    kill(run.process.processIdentifier, signal)
    run.process.waitUntilExit()
    #expect(run.process.terminationStatus == 128 + signal)
    #expect(run.lines.last?.contains(" of 100000000 damaged models in ") == true)
    #expect(run.children.isEmpty)
  }

  @Test(
    "reports what crashed, or took too long, by its number and goes on",
    arguments: [SIGKILL, SIGALRM])
  func survivesCrash(_ signal: Int32) throws {
    let run = try Run(["--count", "100000000", "--jobs", "1"])
    let first = try #require(run.wait { $0.children.first })
    // Long enough for the worker to be at work.
    usleep(500_000)
    kill(first, signal)
    let line = run.wait { $0.lines.first { $0.contains(" at number ") } }
    #expect(line?.hasPrefix(signal == SIGALRM ? "time-out" : "crash") == true)
    #expect(run.wait { run in run.children.first { $0 != first } } != nil)
    kill(run.process.processIdentifier, SIGINT)
    run.process.waitUntilExit()
    #expect(run.process.terminationStatus == 1)
    #expect(run.lines.last?.contains(" 1 crashes") == true)
  }
}
