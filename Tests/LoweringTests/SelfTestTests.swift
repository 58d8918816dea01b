import Foundation
import Martlet
import ONNXFrontend
import Testing

/// The recorded run of an artefact whose outputs are too large to be kept whole.
@Suite("self-test of large outputs", .serialized) struct SelfTestTests {
  /// Every type whose noise is made in its own way, and outputs of floats, integers and booleans, small and large.
  private static let model = """
    graph @large(%x: f32[1, 3, 80, 50], %h: f16[1, 3, 80, 50], %i: i64[3, 80, 50], %b: u8[12000]) {
      %scale = constant f32[3, 1, 1] [0.5, -2.0, 3.25]
      %scaled = Mul(%x, %scale) : f32[1, 3, 80, 50]
      %wide = Cast(%h) {to = 1} : f32[1, 3, 80, 50]
      %sum = Add(%scaled, %wide) : f32[1, 3, 80, 50]
      %half = Cast(%sum) {to = 10} : f16[1, 3, 80, 50]
      %negative = Neg(%i) : i64[3, 80, 50]
      %bytes = Cast(%b) {to = 6} : i32[12000]
      %mean = ReduceMean(%sum) {keepdims = 0} : f32[]
      return %sum, %half, %negative, %bytes, %mean
    }
    """

  private func temporaryFolder<R>(_ body: (String) throws -> R) throws -> R {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("martlet-selftest-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path)
  }

  /// Runs the self-test of an executable; nil when it passes, else what it says.
  private func complaint(_ program: String) throws -> String? {
    let process = Process()
    let error = Pipe()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = ["--selftest"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = error
    try process.run()
    let said = try error.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? nil : String(decoding: said, as: UTF8.self)
  }

  @Test("inputs come from the seed, outputs are sampled, and a wrong weight shows")
  func large() throws {
    try temporaryFolder { folder in
      try Data(Self.model.utf8).write(to: URL(fileURLWithPath: folder + "/large.ir"))
      let graph = try GraphText.read(folder + "/large.ir")
      try Exporter().export(graph, to: folder + "/large.onnx")
      let compiled = try Compiler().compile(try Model(contentsOf: folder + "/large.onnx"))
      #expect(compiled.hasRecording)
      let program = folder + "/large"
      _ = try ArtefactWriter().write(compiled, to: program)
      #expect(try complaint(program) == nil)

      // Whole inputs and outputs are 600 kB.
      let bytes = try Data(contentsOf: URL(fileURLWithPath: program))
      #expect(bytes.count < 400_000)

      // Another weight.
      var changed = bytes
      let weights = [0.5, -2.0, 3.25].map(Float.init).withUnsafeBytes { Data($0) }
      let place = try #require(changed.range(of: weights))
      changed.replaceSubrange(
        place, with: [0.5, -2.5, 3.25].map(Float.init).withUnsafeBytes { Data($0) })
      try changed.write(to: URL(fileURLWithPath: program))
      let said = try #require(try complaint(program))
      #expect(said.contains("output 'sum'"))
    }
  }
}
