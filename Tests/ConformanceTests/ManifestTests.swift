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
}
