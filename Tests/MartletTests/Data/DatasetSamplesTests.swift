import Diagnostics
import Foundation
import IR
import Martlet
import Tensors
import Testing

@Suite("samples of a dataset by number") struct DatasetSamplesTests {
  private static let signature = Signature.taking(("a", .f32, [.symbol("N"), 2]))

  @Test("are counted without being read, and found again in any order")
  func countsUnread() throws {
    let dataset = try TestDataset()
    for index in 0..<3 {
      try dataset.write(
        "samples/\(index).npz", ["a": Tensor([Float(index), 0], shape: [1, 2])])
    }
    try dataset.write("samples/3.npy", Data("no numbers".utf8))
    let samples = try DatasetSamples(dataset.path, for: Self.signature)
    #expect(samples.count == 4)
    for index in [1, 1, 2, 0, 2] {
      #expect(try samples.inputs(index)["a"]?.doubles == [Double(index), 0])
      #expect(try samples.name(index) == "samples/\(index).npz")
    }
    #expect(try samples.digest(0) != samples.digest(1))
    let error = try #require(throws: Diagnostic.self) { try samples.inputs(3) }
    #expect(error.description.contains("samples/3.npy"))
    // What failed does not keep the others from being read.
    #expect(try samples.inputs(1)["a"]?.doubles == [1, 0])
    #expect(try DatasetSamples(dataset.path, for: Self.signature, limit: 2).count == 2)
    let beyond = try #require(throws: Diagnostic.self) {
      try DatasetSamples(dataset.path, for: Self.signature, limit: 2).inputs(9)
    }
    #expect(beyond.description.contains("samples/3.npy"))
  }

  @Test("are batches where the model takes several rows")
  func countsBatches() throws {
    let dataset = try TestDataset()
    try dataset.write("data.npz", ["a": Tensor((0..<10).map { Float($0) }, shape: [5, 2])])
    let path = dataset.path + "/data.npz"
    let samples = try DatasetSamples(path, for: Signature.taking(("a", .f32, [3, 2])))
    #expect(samples.count == 2)
    #expect(try samples.inputs(1)["a"]?.doubles == [6, 7, 8, 9, 8, 9])
    #expect(try DatasetSamples(path, for: Self.signature).count == 5)
    let error = try #require(throws: Diagnostic.self) {
      try DatasetSamples(path, for: Self.signature).inputs(5)
    }
    #expect(error.id == "dataset.empty")
  }
}
