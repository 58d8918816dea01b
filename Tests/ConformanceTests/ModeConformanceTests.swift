import TestSupport
import Testing

/// The standard's node cases with open sizes, and with constants for inputs, that the manifests of these modes list.
@Suite("ONNX node cases in other modes")
struct ModeConformanceTests {
  @Test(
    "pass",
    .enabled(if: ConformanceData.root != nil, "the conformance data is not on this machine"),
    arguments: ["interpreter", "native"], [ConformanceMode.symbolic, .constants])
  func pass(engine: String, mode: ConformanceMode) throws {
    let listed = try ConformanceManifest.standard(mode).cases(on: engine)
    let results = try ConformanceTool.results(on: engine, mode)
    let failures = listed.filter { results[$0] != "pass" }
      .map { "\($0): \(results[$0] ?? "was not run")" }
    #expect(failures == [])
  }

  /// Of the cases that pass as their files say, and to which the mode applies.
  @Test(
    "hold for nearly all cases", arguments: ["interpreter", "native"],
    [ConformanceMode.symbolic, .constants])
  func coverage(engine: String, mode: ConformanceMode) throws {
    let manifest = try ConformanceManifest.standard(mode)
    let reasons = manifest.reasons(on: engine)
    let applicable = try ConformanceManifest.standard().cases(on: engine).filter {
      !(reasons[$0]?.hasPrefix(ConformanceMode.doesNotApply) ?? false)
    }
    let passing = Set(manifest.cases(on: engine)).intersection(applicable)
    #expect(applicable.count > 1700)
    #expect(Double(passing.count) >= 0.97 * Double(applicable.count))
  }

  /// Code that is made when sizes or values are known is nothing that an artefact has.
  @Test("hold for nearly all cases without code for sizes or values")
  func artefacts() throws {
    let manifest = try ConformanceManifest.standard(.symbolic)
    let reasons = manifest.reasons(on: "native")
    let applicable = try ConformanceManifest.standard().cases(on: "native").filter {
      !(reasons[$0]?.hasPrefix(ConformanceMode.doesNotApply) ?? false)
    }
    let ahead = Set(manifest.cases(on: "native")).intersection(applicable)
      .filter { reasons[$0] == nil }
    #expect(Double(ahead.count) >= 0.97 * Double(applicable.count))
  }

  @Test("name every case, and why it does not pass", arguments: ConformanceMode.allCases)
  func nothingIsLeftOut(mode: ConformanceMode) throws {
    let manifest = try ConformanceManifest.standard(mode)
    #expect(manifest.names.count == 1884)
    for engine in ["interpreter", "native"] {
      let passing = Set(manifest.cases(on: engine))
      let reasons = manifest.reasons(on: engine)
      let silent = manifest.names.filter { !passing.contains($0) && reasons[$0] == nil }
      #expect(silent == [])
    }
  }
}
