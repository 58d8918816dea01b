import Diagnostics
import Foundation
import Martlet
import Tensors
import Testing

@Suite("numpy files") struct NumpyTests {
  private func withFile<R>(_ content: Data? = nil, _ body: (String) throws -> R) throws -> R {
    let path = FileManager.default.temporaryDirectory.path + "/martlet-\(UUID().uuidString).npy"
    defer { try? FileManager.default.removeItem(atPath: path) }
    if let content { try content.write(to: URL(fileURLWithPath: path)) }
    return try body(path)
  }

  /// A file of version 1.0.
  private func file(_ header: String, _ payload: [UInt8]) -> Data {
    Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0])
      + Data(header.utf8) + Data(payload)
  }

  private static let kept: [ElementType] = [
    .bool, .i8, .i16, .i32, .i64, .u8, .u16, .u32, .u64, .f16, .f32, .f64, .bf16,
  ]

  @Test("shapes are written as numpy writes them", arguments: [[], [3], [1, 10]])
  func shapes(shape: [Int]) throws {
    let content = try withFile { path in
      try NumpyFile.write(Tensor(zeros: shape, type: .u8), to: path)
      return try Data(contentsOf: URL(fileURLWithPath: path))
    }
    let header = String(decoding: content.prefix(128), as: UTF8.self)
    let expected = ["()", "(3,)", "(1, 10)"][shape.count]
    #expect(header.contains("'shape': \(expected), }"))
  }

  @Test("come back as they were written", arguments: kept, [[], [0], [3], [2, 3, 4]])
  func roundTrip(_ type: ElementType, _ shape: [Int]) throws {
    var random = RandomTensors(seed: 3)
    let tensor = random.tensor(type, shape: shape)
    try withFile { path in
      try NumpyFile.write(tensor, to: path)
      #expect(Tolerance.exact.compare(try NumpyFile.read(path), tensor).mismatch == nil)
    }
  }

  @Test("keep text beyond ASCII")
  func keepsText() throws {
    let tensor = Tensor(strings: ["", "swift", "Schwälbchen 🐦"], shape: [3, 1])
    try withFile { path in
      try NumpyFile.write(tensor, to: path)
      let read = try NumpyFile.read(path)
      #expect(read.strings == tensor.strings)
      #expect(read.shape == [3, 1])
    }
  }

  @Test("are read in column-major order and big-endian")
  func readsOtherOrders() throws {
    let header = "{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }"
    try withFile(file(header, [0, 1, 0, 4, 0, 2, 0, 5, 0, 3, 1, 0])) { path in
      let tensor = try NumpyFile.read(path)
      #expect(tensor.shape == [2, 3])
      #expect(tensor.integers == [1, 2, 3, 4, 5, 256])
    }
  }

  @Test(
    "that are damaged are refused",
    arguments: [
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 7, "numpy.format"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", 8, "numpy.format"),
      (
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 8), }", 0,
        "numpy.format"
      ),
      ("{'descr': '<f4', 'shape': (2,), }", 8, "numpy.format"),
      ("{'descr': '<M8', 'fortran_order': False, 'shape': (1,), }", 8, "numpy.type"),
      ("{'descr': '', 'fortran_order': False, 'shape': (1,), }", 8, "numpy.type"),
    ])
  func refusesDamage(_ header: String, _ byteCount: Int, _ id: String) throws {
    try withFile(file(header, Array(repeating: 0, count: byteCount))) { path in
      _ = #expect { try NumpyFile.read(path) } throws: { ($0 as? Diagnostic)?.id == id }
    }
  }

  @Test("cut off anywhere are refused")
  func refusesPrefixes() throws {
    let whole = file(
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", [1, 2, 3, 4, 5, 6, 7, 8])
    for length in 0..<whole.count {
      try withFile(whole.prefix(length)) { path in
        _ = #expect(throws: Diagnostic.self) { try NumpyFile.read(path) }
      }
    }
  }

  @Test("in an archive have names")
  func readsArchive() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let arrays = try NumpyArchive.read(root.path + "/Models/digits_eval.npz")
    #expect(arrays.keys.sorted() == ["image", "labels"])
    #expect(arrays["image"]?.shape == [360, 1, 8, 8])
    #expect(arrays["labels"]?.type == .i64)
  }

  @Test("that are no archive are refused")
  func refusesOtherFiles() throws {
    try withFile(Data("not a zip file".utf8)) { path in
      _ = #expect { try NumpyArchive.read(path) } throws: {
        ($0 as? Diagnostic)?.id == "numpy.archive"
      }
    }
  }
}
