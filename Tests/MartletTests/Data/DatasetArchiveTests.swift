import Diagnostics
import Foundation
import IR
import Martlet
import Tensors
import Testing

@Suite("a dataset in one archive") struct DatasetArchiveTests {
  private static let signature = Signature.taking(
    ("a", .f32, [.symbol("N"), 2]), ("b", .i64, [1]))

  @Test("has samples along the first axis, and labels", arguments: [false, true])
  func slices(_ isCompressed: Bool) throws {
    let dataset = try TestDataset()
    try dataset.write(
      "data.npz",
      [
        "a": Tensor((0..<6).map { Float($0) }, shape: [3, 2]),
        "b": Tensor([7, 8, 9] as [Int64], shape: [3]),
        "labels": Tensor([4, 5, 6] as [Int32], shape: [3]),
        "other": Tensor(zeros: [3], type: .u8),
      ], isCompressed: isCompressed)
    let samples = try dataset.samples(Self.signature, file: "/data.npz")
    #expect(samples.map { $0.inputs["a"]?.doubles } == [[0, 1], [2, 3], [4, 5]])
    #expect(samples.map { $0.inputs["b"]?.integers } == [[7], [8], [9]])
    #expect(samples.map { $0.labels?.integers } == [[4], [5], [6]])
    #expect(samples.map { $0.inputs["a"]?.shape } == [[1, 2], [1, 2], [1, 2]])
    #expect(samples[1].name.hasSuffix("data.npz[1]"))
    #expect(try Dataset(dataset.path + "/data.npz").count == 3)
  }

  @Test("keeps a batch of its own behind the axis of samples")
  func keepsBatch() throws {
    let dataset = try TestDataset()
    try dataset.write("data.npz", ["x": Tensor(zeros: [5, 4, 2], type: .f32)])
    let signature = Signature.taking(("a", .f32, [.symbol("N"), 2]))
    let samples = try dataset.samples(signature, file: "/data.npz")
    #expect(samples.map { $0.inputs["a"]?.shape } == Array(repeating: [4, 2], count: 5))
  }

  @Test("is joined into the batches that a model has, the last one filled up")
  func joinsBatches() throws {
    let dataset = try TestDataset()
    try dataset.write(
      "data.npz",
      [
        "a": Tensor((0..<10).map { Float($0) }, shape: [5, 2]),
        "labels": Tensor([0, 1, 2, 3, 4] as [Int64], shape: [5]),
      ])
    let signature = Signature.taking(("a", .f32, [3, 2]))
    let samples = try dataset.samples(signature, file: "/data.npz")
    #expect(
      samples.map { $0.inputs["a"]?.doubles } == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 8, 9]])
    #expect(samples.map { $0.inputs["a"]?.shape } == [[3, 2], [3, 2]])
    #expect(samples.map { $0.labels?.integers } == [[0, 1, 2], [3, 4]])
    #expect(samples.map(\.count) == [3, 2])
    let whole = Signature.taking(("a", .f32, [2]))
    #expect(try dataset.samples(whole, file: "/data.npz").map(\.count) == [1, 1, 1, 1, 1])
  }

  @Test("is read as far as it goes: samples before the damage come first")
  func streams() throws {
    let dataset = try TestDataset()
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 2), }"
    var content = Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0])
    content += Data(header.utf8) + Data(repeating: 0, count: 3 * 8 + 5)
    try dataset.write("data.npz", entries: ["a.npy": content])
    var count = 0
    let error = try #require(throws: Diagnostic.self) {
      try Dataset(dataset.path + "/data.npz").forEachSample(
        of: .taking(("a", .f32, [1, 2]))
      ) { _ in count += 1 }
    }
    #expect(count == 3)
    #expect(error.id == "numpy.archive")
    #expect(error.description.contains("a.npy"))
  }

  @Test("is refused when it is empty, uneven, in the wrong order or no archive")
  func refuses() throws {
    let dataset = try TestDataset()
    let one = Tensor(zeros: [1], type: .f32)
    try dataset.write("empty.npz", ["a": Tensor(zeros: [0, 2], type: .f32)])
    try dataset.write("none.npz", entries: ["readme.txt": Data("-".utf8)])
    try dataset.write("uneven.npz", ["a": Tensor(zeros: [3, 2], type: .f32), "b": one])
    try dataset.write("scalar.npz", ["a": Tensor(zeros: [], type: .f32)])
    try dataset.write("text.npz", "text")
    try dataset.write("shape.npz", ["a": Tensor(zeros: [1, 3], type: .f32)])
    let header = "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }"
    var content = Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0])
    content += Data(header.utf8) + Data(repeating: 0, count: 16)
    try dataset.write("column.npz", entries: ["a.npy": content])
    let cases = [
      ("empty", "dataset.empty"), ("none", "dataset.empty"), ("uneven", "dataset.sample-count"),
      ("scalar", "dataset.sample-count"), ("text", "numpy.archive"), ("shape", "dataset.shape"),
      ("column", "numpy.column-major"),
    ]
    for (name, id) in cases {
      let error = try dataset.error(.taking(("a", .f32, [1, 2])), file: "/\(name).npz")
      #expect(error.id == id)
    }
  }
}
