import Foundation
import Testing

@Suite("docs/generated/command-line.md") struct CommandLineDocumentTests {
  private static let verbs = [
    "bench", "check", "compile", "export", "inspect", "kernels", "opt", "quantize", "run",
    "statistics",
    "verify",
  ]

  /// What some of the verbs are divided into.
  private static let parts = ["statistics": ["collect", "merge", "show"]]

  /// The help of every verb, as one document.
  private func document() throws -> String {
    var text = """
      # The command line

      What `martlet help` prints, kept current by a test; `BLESS=1 swift test --filter CLITests` writes it anew.

      """
    let commands = Self.verbs.flatMap { verb in
      [[verb]] + (Self.parts[verb] ?? []).map { [verb, $0] }
    }
    for command in [[]] + commands {
      let help = try Command.run(Command.path, ["help"] + command)
      #expect(help.status == 0)
      let body = help.output.trimmingCharacters(in: .whitespacesAndNewlines)
      text += "\n## `\((["martlet"] + command).joined(separator: " "))`\n\n```\n\(body)\n```\n"
    }
    return text
  }

  @Test("names every verb")
  func isComplete() throws {
    let help = try Command.run("help").output
    let start = try #require(help.range(of: "SUBCOMMANDS:\n")?.upperBound)
    let listed = help[start...].split(separator: "\n").filter {
      $0.hasPrefix("  ") && !$0.hasPrefix("   ") && !$0.hasPrefix("  See ")
    }.compactMap { $0.split(separator: " ").first.map(String.init) }
    #expect(listed == Self.verbs)
  }

  @Test("is current")
  func isCurrent() throws {
    let path = Command.root.path + "/docs/generated/command-line.md"
    let expected = try document()
    if ProcessInfo.processInfo.environment["BLESS"] == "1" {
      try expected.write(toFile: path, atomically: true, encoding: .utf8)
    }
    let found = try? String(contentsOfFile: path, encoding: .utf8)
    #expect(found == expected, "run again with BLESS=1 and read the difference")
  }
}
