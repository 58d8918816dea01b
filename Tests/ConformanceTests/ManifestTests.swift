import TestSupport
import Testing

/// Reading and rewriting of the list of passing cases.
struct ManifestTests {
  @Test func keepsHeaderAndOtherEngines() {
    var manifest = ConformanceManifest(
      text: "# head\ntest_b interpreter native\ntest_a interpreter # why\n")
    #expect(manifest.cases(on: "interpreter") == ["test_a", "test_b"])
    #expect(manifest.cases(on: "native") == ["test_b"])
    manifest.set("interpreter", ["test_c"])
    #expect(manifest.text == "# head\ntest_b native\ntest_c interpreter\n")
  }

  @Test func keepsReasons() {
    let text =
      "# head\ntest_a # interpreter: no: never # native: neither\ntest_b interpreter # native: why\n"
    var manifest = ConformanceManifest(text: text)
    #expect(manifest.text == text)
    #expect(manifest.names == ["test_a", "test_b"])
    #expect(manifest.cases(on: "interpreter") == ["test_b"])
    #expect(manifest.reasons(on: "interpreter") == ["test_a": "no: never"])
    manifest.set("native", ["test_a"], reasons: ["test_b": "f # g"])
    #expect(
      manifest.text
        == "# head\ntest_a native # interpreter: no: never\ntest_b interpreter # native: f #g\n")
  }

  @Test func casesOfWrittenOutFunctionsCountForTheFunction() {
    let operators = ConformanceOperators(
      text: "# head\ntest_clip Clip\ntest_clip_expanded Max Min\ntest_if If Max\n")
    let manifest = ConformanceManifest(
      text: "test_clip interpreter native\ntest_clip_expanded interpreter\ntest_if native\n")
    #expect(operators.summary(of: "Clip", manifest) == "2 / 1 of 2")
    #expect(operators.summary(of: "Max", manifest) == "0 / 1 of 1")
    #expect(operators.summary(of: "Add", manifest) == "")
  }
}
