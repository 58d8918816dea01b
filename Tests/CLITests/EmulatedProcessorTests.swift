import Foundation
import Testing

/// Code for processors that this machine is not, run by an emulator: the self-test holds it against the interpreter.
@Suite("emulated processors") struct EmulatedProcessorTests {
  /// A target, the emulator that runs its code, and what compiles and runs C for it.
  struct Emulation: Sendable, CustomStringConvertible {
    let target: String
    let emulator: String
    let arguments: [String]
    let compiler: String

    var description: String { target }

    /// What is not installed; empty where everything is.
    var missing: [String] { [emulator, compiler].filter { path($0) == nil } }

    func path(_ program: String) -> String? {
      ["/usr/bin/", "/usr/local/bin/"].map { $0 + program }.first {
        FileManager.default.isExecutableFile(atPath: $0)
      }
    }
  }

  static let emulations = [
    Emulation(
      target: "aarch64", emulator: "qemu-aarch64", arguments: ["-L", "/usr/aarch64-linux-gnu"],
      compiler: "aarch64-linux-gnu-gcc"),
    // The first processor with SSE4.2, and nothing newer.
    Emulation(
      target: "x86-64-v2", emulator: "qemu-x86_64", arguments: ["-cpu", "Nehalem"],
      compiler: "x86_64-linux-gnu-gcc"),
  ]

  /// AArch64 without products of bytes, with those of two signed ones, and with mixed ones.
  static let byteProducts = ["+neon", "+neon,+dotprod", "+neon,+dotprod,+i8mm"].map { features in
    Emulation(
      target: "aarch64-unknown-linux-gnu:generic:\(features)", emulator: "qemu-aarch64",
      arguments: ["-cpu", "max", "-L", "/usr/aarch64-linux-gnu"],
      compiler: "aarch64-linux-gnu-gcc")
  }

  @Test("a quantized model's self-test passes", arguments: byteProducts)
  func quantized(emulation: Emulation) throws {
    try Command.temporaryFolder { folder in
      let model = folder.appendingPathComponent("model.onnx").path
      let quantized = try Command.run(
        "quantize", Command.model("digits_cnn"), "--calibration",
        Command.root.path + "/Models/digits_eval.npz", "--samples", "4", "--method", "minmax", "-o",
        model)
      try #require(quantized.status == 0, "\(quantized.error)")
      try selfTest(of: model, emulation)
    }
  }

  @Test(
    "the self-test passes", arguments: emulations,
    ["digits_cnn", "digits_dw", "digits_transformer"])
  func selfTest(emulation: Emulation, model: String) throws {
    try selfTest(of: Command.model(model), emulation)
  }

  private func selfTest(of model: String, _ emulation: Emulation) throws {
    let missing = emulation.missing
    if !missing.isEmpty {
      print("skipped: \(emulation.target): \(missing.joined(separator: ", ")) not installed")
      return
    }
    try Command.temporaryFolder { folder in
      let program = folder.appendingPathComponent("program").path
      let compiled = try Command.run(
        "compile", model, "-o", program, "--target", emulation.target, "--cc",
        emulation.compiler, "--shape", "N=1", "--kernel-cache", "off")
      try #require(compiled.status == 0, "\(compiled.error)")
      let emulator = try #require(emulation.path(emulation.emulator))
      let finished = try Command.run(
        URL(fileURLWithPath: emulator), emulation.arguments + [program, "--selftest"])
      #expect(finished.status == 0, "\(finished.error)")
      #expect(finished.output.contains("the self-test passed"))
    }
  }
}
