import Diagnostics
import Foundation
import IR
import ImageTestSupport
import Images
import Martlet
import Tensors
import Testing

@Suite("a dataset's folder") struct DatasetFolderTests {
  private static let image = Signature.taking(("image", .f32, [.symbol("N"), 3, 5, 7]))
  private static let pair = Signature.taking(("a", .f32, [1, 2]), ("b", .i64, [3]))

  private var png: Data {
    TestImages.png(TestImages.pattern.pixels, width: 7, height: 5, kind: Int(IMAGE_TEST_RGB))
  }

  private func refuses(
    _ id: String, _ words: String..., signature: Signature = image,
    _ fill: (TestDataset) throws -> Void
  ) throws {
    let dataset = try TestDataset()
    try fill(dataset)
    let error = try dataset.error(signature)
    #expect(error.id == id)
    for word in words { #expect(error.description.contains(word), "\(error)") }
  }

  @Test("gives images in the order of their names, as dataset.yaml says")
  func images() throws {
    let dataset = try TestDataset()
    for name in ["b", "a", "c"] { try dataset.write("images/\(name).png", png) }
    try dataset.write(
      "dataset.yaml",
      """
      inputs:
        image: {crop: [5, 7], color: BGR, scale: 1, mean: [1, 2, 3], std: 2, layout: NCHW}
      metric: top1
      """)
    let samples = try dataset.samples(Self.image)
    #expect(samples.map(\.name) == ["images/a.png", "images/b.png", "images/c.png"])
    let tensor = try #require(samples[0].inputs["image"])
    #expect(tensor.shape == [1, 3, 5, 7])
    let pixel = TestImages.pattern.pixels[0..<3].map { Float($0) }
    let elements = tensor.array(of: Float.self)
    #expect(
      [elements[0], elements[35], elements[70]]
        == [(pixel[2] - 1) / 2, (pixel[1] - 2) / 2, (pixel[0] - 3) / 2])
    #expect(try Dataset(dataset.path).metric == .top1)
    #expect(try Dataset(dataset.path).count == 3)
  }

  @Test("joins images into the batch that a model has")
  func batches() throws {
    let dataset = try TestDataset()
    for name in ["b", "a", "c"] { try dataset.write("images/\(name).png", png) }
    let samples = try dataset.samples(.taking(("image", .f32, [2, 3, 5, 7])))
    #expect(samples.map { $0.inputs["image"]?.shape } == [[2, 3, 5, 7], [2, 3, 5, 7]])
    #expect(samples.map(\.count) == [2, 1])
    let single = try dataset.samples(.taking(("image", .f32, [3, 5, 7])))
    #expect(single.map { $0.inputs["image"]?.shape } == [[3, 5, 7], [3, 5, 7], [3, 5, 7]])
  }

  @Test("can be gone through more than once, and in part")
  func repeats() throws {
    let dataset = try TestDataset()
    for number in 0..<4 {
      try dataset.write("samples/\(number).npy", Tensor([Float(number)], shape: [1]))
    }
    let signature = Signature.taking(("x", .f32, [1]))
    let opened = try Dataset(dataset.path)
    for limit in [nil, 2, 9] {
      var found: [Float] = []
      try opened.forEachSample(of: signature, limit: limit) { sample in
        found += sample.inputs["x"]?.array(of: Float.self) ?? []
      }
      #expect(found == Array([0, 1, 2, 3].prefix(limit ?? 4)))
    }
  }

  @Test("gives arrays, one for each input, and adds the axis of a batch")
  func arrays() throws {
    let dataset = try TestDataset()
    let b = Tensor([1, 2, 3] as [Int64], shape: [3])
    try dataset.write("samples/0.npz", ["a": Tensor([1, 2] as [Float], shape: [2]), "b": b])
    try dataset.write("samples/1.npz", ["a": Tensor([3, 4] as [Float], shape: [1, 2]), "b": b])
    let samples = try dataset.samples(Self.pair)
    #expect(samples.map { $0.inputs["a"]?.shape } == [[1, 2], [1, 2]])
    #expect(samples[1].values(for: Self.pair).map { $0.tensor?.type } == [.f32, .i64])
    #expect(samples[0].digest != samples[1].digest)
    #expect(try dataset.samples(Self.pair)[0].digest == samples[0].digest)
  }

  @Test(
    "has labels in rows of numbers, with or without a heading", arguments: ["", "file,label\n"])
  func labels(_ heading: String) throws {
    let dataset = try TestDataset()
    for name in ["a", "b", "c"] { try dataset.write("images/\(name).png", png) }
    try dataset.write("labels.csv", heading + "b.png,7\n\"images/a.png\", 1.5,2\n")
    let samples = try dataset.samples(Self.image)
    #expect(samples[0].labels?.doubles == [1.5, 2])
    #expect(samples[1].labels?.integers == [7])
    #expect(samples[1].labels?.shape == [1, 1])
    #expect(samples[2].labels == nil)
  }

  @Test("without samples is refused")
  func refusesEmpty() throws {
    try refuses("dataset.empty") { _ in }
    try refuses("dataset.file", "found 1 images and 1 files") {
      try $0.write("images/a.png", png)
      try $0.write("samples/a.npy", Tensor([1] as [Float], shape: [1]))
    }
    #expect(throws: Diagnostic.self) { try Dataset("/nowhere") }
    #expect(throws: Diagnostic.self) { try Dataset(#filePath) }
  }

  @Test("with a file that does not decode is refused, with the file's name")
  func refusesDamage() throws {
    try refuses("image.damaged", "images/b.png") {
      try $0.write("images/a.png", png)
      try $0.write("images/b.png", png.prefix(40))
    }
    try refuses("image.format", "images/b.jpg") { try $0.write("images/b.jpg", "GIF89a") }
    try refuses("dataset.file", "images/b.gif") { try $0.write("images/b.gif", "GIF89a") }
    let one = Signature.taking(("x", .f32, [1]))
    try refuses("numpy.format", "samples/b.npy", signature: one) {
      try $0.write("samples/b.npy", "nothing")
    }
    try refuses("file.not-a-value", "samples/b.pb", signature: one) {
      try $0.write("samples/b.pb", "nothing")
    }
  }

  @Test("with the wrong shapes or types is refused, with what was found and expected")
  func refusesMisfits() throws {
    let one = Signature.taking(("x", .f32, [.symbol("N"), 2]), ("y", .f32, [.symbol("N")]))
    let y = Tensor([1] as [Float], shape: [1])
    let cases: [(String, String, [String: Tensor])] = [
      ("dataset.shape", "found f32[1, 3]", ["x": Tensor(zeros: [1, 3], type: .f32), "y": y]),
      ("dataset.shape", "'y' f32[N]", ["x": Tensor(zeros: [2, 2], type: .f32), "y": y]),
      ("dataset.type", "found f64[1, 2]", ["x": Tensor(zeros: [1, 2], type: .f64), "y": y]),
      ("dataset.missing-input", "expected input 'x'", ["z": y, "y": y]),
    ]
    for (id, words, arrays) in cases {
      try refuses(id, words, "samples/a.npz", signature: one) {
        try $0.write("samples/a.npz", arrays)
      }
    }
  }

  @Test("names its inputs and the keys of its description")
  func refusesDescriptions() throws {
    let cases: [(String, String, String)] = [
      ("inputs: {image: {size: 3}}", "dataset.unknown-key", "'size'"),
      ("metrics: top1", "dataset.unknown-key", "'metrics'"),
      ("\nmetric: best", "dataset.yaml", "dataset.yaml:2"),
      ("inputs: {image: {mean: [1, x]}}", "dataset.yaml", "a list"),
      ("inputs: {image: {resize: wide}}", "dataset.yaml", "'wide'"),
      ("inputs: {image: {crop: [1, 2, 3]}}", "dataset.yaml", "height and width"),
      ("inputs: {image: {std: 0}}", "image.preprocessing", "dataset.yaml:1"),
      ("inputs: [image", "dataset.yaml", "no YAML"),
      ("inputs: {picture: {crop: 3}}", "dataset.unknown-input", "'picture'"),
    ]
    for (text, id, words) in cases {
      try refuses(id, words) {
        try $0.write("images/a.png", png)
        try $0.write("dataset.yaml", text)
      }
    }
  }

  @Test("refuses labels of files that it does not have")
  func refusesLabels() throws {
    let cases = [
      ("../a.png,1", "dataset.path"), ("/etc/passwd,1", "dataset.path"),
      ("images/../../a.png,1", "dataset.path"), ("b.png,1", "dataset.labels"),
      ("a.png", "dataset.labels"), ("a.png,cat", "dataset.labels"),
      ("a.png,1\nimages/a.png,2", "dataset.labels"),
    ]
    for (text, id) in cases {
      try refuses(id, "labels.csv:") {
        try $0.write("images/a.png", png)
        try $0.write("labels.csv", text)
      }
    }
  }
}
