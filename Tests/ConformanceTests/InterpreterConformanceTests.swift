import Interpreter
import TestSupport
import Testing

/// The standard's node cases that the manifest lists for the interpreter.
@Suite("ONNX node cases on the interpreter")
struct InterpreterConformanceTests {
  @Test(
    "passes",
    .enabled(if: ConformanceData.root != nil, "the conformance data is not on this machine"),
    arguments: try ConformanceManifest.standard().cases(on: "interpreter"))
  func passes(name: String) throws {
    let root = try #require(ConformanceData.root)
    let failure = ConformanceCase(name: name, in: root).failure { Interpreter($0) }
    #expect(failure == nil)
  }
}
