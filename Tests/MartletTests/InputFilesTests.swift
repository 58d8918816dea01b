import Foundation
import IR
import ImageTestSupport
import Images
import Martlet
import Tensors
import Testing

@Suite("input files") struct InputFilesTests {
  @Test("that are images come last: other files settle the size of open dimensions")
  func imagesComeLast() throws {
    let side: [IndexExpr] = [.symbol("H"), .symbol("W")]
    let signature = Signature(
      source: "model.onnx",
      inputs: [
        Signature.Port(name: "image", type: .tensor(.u8, [1, 3] + side)),
        Signature.Port(name: "mask", type: .tensor(.f32, side)),
      ], outputs: [])
    let file = TestImages.png(
      TestImages.pattern.pixels, width: 7, height: 5, kind: Int(IMAGE_TEST_RGB))
    try TestImages.withFile(file) { image in
      let mask = image + ".npy"
      defer { try? FileManager.default.removeItem(atPath: mask) }
      try NumpyFile.write(Tensor(zeros: [3, 4], type: .f32), to: mask)
      let files = InputFiles([.init("image=\(image)"), .init("mask=\(mask)")])
      #expect(
        try files.values(for: signature).map { $0.tensor?.shape } == [[1, 3, 3, 4], [3, 4]])
      let alone = InputFiles([.init("image=\(image)")], randomSeed: 1)
      #expect(
        try alone.values(for: signature).map { $0.tensor?.shape } == [[1, 3, 5, 7], [5, 7]])
    }
  }

  @Test("are images by their extension, in any case", arguments: ["a.JPG", "x=b.jpeg", "c.Png"])
  func knowsImages(_ text: String) {
    #expect(InputFiles.Source(text).isImage)
    #expect(!InputFiles.Source(text + ".npy").isImage)
  }
}
