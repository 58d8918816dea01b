import Foundation
import Testing

@Suite("martlet opt") struct OptTests {
  private static let text = """
    graph @dead(%x: f32[2]) {
      %unused = Relu(%x) : f32[2]
      %y = Relu(%x) : f32[2]
      return %y
    }

    """

  private func withText<R>(_ text: String, _ body: (String) throws -> R) throws -> R {
    try Command.temporaryFolder { folder in
      let file = folder.appendingPathComponent("graph.ir")
      try Data(text.utf8).write(to: file)
      return try body(file.path)
    }
  }

  @Test("runs passes on text")
  func runsPasses() throws {
    try withText(Self.text) { file in
      let finished = try Command.run("opt", file, "--pass", "eliminate-dead-code")
      #expect(finished.status == 0)
      #expect(finished.output == Self.text.replacing("  %unused = Relu(%x) : f32[2]\n", with: ""))
    }
  }

  @Test("prints what it reads when no pass is named")
  func printsUnchanged() throws {
    try withText(Self.text) { file in
      let finished = try Command.run("opt", file)
      #expect(finished.output == Self.text)
    }
  }

  @Test("stops rewriting at the limit")
  func obeysLimit() throws {
    try withText(Self.text) { file in
      let finished = try Command.run(
        "opt", file, "--pass", "eliminate-dead-code", "--bisect-limit", "0")
      #expect(finished.output == Self.text)
    }
  }

  @Test("points at the line of a syntax error")
  func pointsAtErrors() throws {
    try withText(Self.text.replacing("Relu(%x)", with: "Relu(%nope)")) { file in
      let finished = try Command.run("opt", file)
      #expect(finished.status == 1)
      #expect(finished.error.contains("graph.ir:2: error:"))
    }
  }

  @Test("refuses unknown passes")
  func refusesUnknownPass() throws {
    try withText(Self.text) { file in
      let finished = try Command.run("opt", file, "--pass", "no-such-pass")
      #expect(finished.status == 1)
      #expect(finished.error.contains("[pass.unknown]"))
    }
  }
}
