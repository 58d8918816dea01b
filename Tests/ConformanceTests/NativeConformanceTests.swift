import TestSupport
import Testing

/// The standard's node cases that the manifest lists for compiled code, which all run before the first is asked for.
@Suite("ONNX node cases as compiled code")
struct NativeConformanceTests {
  @Test(
    "passes",
    .enabled(if: ConformanceData.root != nil, "the conformance data is not on this machine"),
    arguments: try ConformanceManifest.standard().cases(on: "native"))
  func passes(name: String) throws {
    #expect(try Self.results.get()[name] == "pass")
  }

  private static let results = Result { try ConformanceTool.results(on: "native") }
}
