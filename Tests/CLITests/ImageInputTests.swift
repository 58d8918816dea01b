import Foundation
import ImageTestSupport
import Martlet
import Tensors
import Testing

@Suite("images on the command line") struct ImageInputTests {
  private static let pixels = (0..<64).map { UInt8($0 * 4) }

  /// A folder with a grey image of 8 x 8 pixels, `image.png`, and the same as an array of `pixel / scale`, `image.npy`.
  private func withFiles(scale: Float, _ body: (String) throws -> Void) throws {
    try Command.temporaryFolder { folder in
      var file = image_test_png(Self.pixels, 8, 8, Int32(IMAGE_TEST_GREY), 8, 0)
      defer { image_test_free(&file) }
      try Data(UnsafeBufferPointer(start: file.bytes, count: file.count))
        .write(to: folder.appendingPathComponent("image.png"))
      let array = Tensor(Self.pixels.map { Float($0) / scale }, shape: [1, 1, 8, 8])
      try NumpyFile.write(array, to: folder.path + "/image.npy")
      try body(folder.path)
    }
  }

  @Test("give what the same array gives, to a model and to an artefact")
  func runs() throws {
    try withFiles(scale: 16) { folder in
      let library = folder + "/digits.so"
      let compiled = try Command.run("compile", Command.model("digits_mlp"), "-o", library)
      #expect(compiled.status == 0, "\(compiled.error)")
      for model in [Command.model("digits_mlp"), library] {
        let array = try Command.run("run", "--input", "image=\(folder)/image.npy", model)
        let image = try Command.run(
          "run", "--input", "image=\(folder)/image.png", "--scale", "16", model)
        #expect(image.status == 0, "\(image.error)")
        #expect(image.output == array.output)
      }
    }
  }

  @Test("are taken by verify and bench")
  func verifies() throws {
    try withFiles(scale: 255) { folder in
      let verified = try Command.run(
        "verify", "--input", "image=\(folder)/image.png", Command.model("digits_mlp"))
      #expect(verified.status == 0, "\(verified.error)")
      let measured = try Command.run(
        "bench", "--engine", "interpreter", "--seconds", "0.01", "--input",
        "image=\(folder)/image.png", Command.model("digits_mlp"))
      #expect(measured.status == 0, "\(measured.error)")
    }
  }

  @Test("are refused with a reason when they do not fit, or are none")
  func refuses() throws {
    try withFiles(scale: 255) { folder in
      func run(_ file: String, _ options: String...) throws -> Command.Finished {
        try Command.run(
          Command.path,
          ["run", "--engine", "interpreter", "--input", "image=\(folder)/\(file)"] + options
            + [Command.model("digits_mlp")])
      }
      let cropped = try run("image.png", "--crop", "4")
      #expect(cropped.status == 1)
      #expect(cropped.error.contains("[image.size]"))
      #expect(cropped.error.contains("image.png"))
      try Data("no image".utf8).write(to: URL(fileURLWithPath: folder + "/text.jpg"))
      #expect(try run("text.jpg").error.contains("[image.format]"))
      #expect(try run("image.npy", "--crop", "4").status == 64)
      #expect(try run("image.png", "--crop", "4x4").status == 64)
    }
  }
}
