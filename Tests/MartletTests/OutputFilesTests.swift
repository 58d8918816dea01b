import Martlet
import Testing

@Suite("output files") struct OutputFilesTests {
  @Test(
    "are named after the output, without what file systems mind",
    arguments: [
      ("logits", "logits.npy"), ("StatefulPartitionedCall:0", "StatefulPartitionedCall_0.npy"),
      ("../a b/ß", ".._a_b__.npy"),
    ])
  func names(_ output: String, _ file: String) {
    #expect(OutputFiles.fileName(for: output) == file)
  }
}
