import Calibration
import Diagnostics
import Foundation
import Martlet
import Tensors
import Testing

@Suite("statistics over a dataset") struct CalibrationStatisticsTests {
  private static let models: String =
    URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path + "/Models"

  private func model(_ name: String = "digits_cnn") throws -> Model {
    try Model(contentsOf: "\(Self.models)/\(name).onnx")
  }

  /// Part of the digits as a dataset of files.
  private func digits(_ numbers: Range<Int>) throws -> TestDataset {
    let images = try #require(try NumpyArchive.read("\(Self.models)/digits_eval.npz")["image"])
    let elements = images.array(of: Float.self)
    let dataset = try TestDataset()
    for number in numbers {
      let row = Array(elements[(64 * number)..<(64 * number + 64)])
      try dataset.write("samples/\(1000 + number).npy", Tensor(row, shape: [1, 8, 8]))
    }
    return dataset
  }

  private func written(_ statistics: CalibrationStatistics) throws -> Data {
    let path = FileManager.default.temporaryDirectory.path + "/statistics-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try StatisticsFile.write(statistics, to: path)
    #expect(try StatisticsFile.read(path) == statistics)
    return try Data(contentsOf: URL(fileURLWithPath: path))
  }

  @Test(
    "are those of the interpreter, up to rounding", arguments: ["digits_cnn", "digits_transformer"])
  func enginesAgree(_ name: String) throws {
    let model = try model(name)
    let folder = try digits(0..<3)
    var options = CalibrationOptions()
    let native = try model.calibrationStatistics(over: Dataset(folder.path), options: options)
    options.engine = .interpreter
    let reference = try model.calibrationStatistics(over: Dataset(folder.path), options: options)
    #expect(native.values.count == model.calibrationValues.count)
    for (name, value) in reference.values {
      let found = try #require(native.values[name])
      let width = max(-value.minimum, value.maximum)
      #expect(abs(found.minimum - value.minimum) <= 1e-3 * width, "\(name)")
      #expect(abs(found.maximum - value.maximum) <= 1e-3 * width, "\(name)")
      #expect(found.elementCount == value.elementCount)
    }
  }

  @Test("of two parts merge into those of one run, byte by byte")
  func mergeExactly() throws {
    let model = try model()
    let (all, front, back) = try (digits(0..<12), digits(0..<5), digits(5..<12))
    let whole = try written(model.calibrationStatistics(over: Dataset(all.path)))
    var merged = try model.calibrationStatistics(over: Dataset(back.path))
    try merged.merge(model.calibrationStatistics(over: Dataset(front.path)))
    #expect(try written(merged) == whole)
  }

  @Test("go on where they ended, and report how far they are")
  func resume() throws {
    let model = try model()
    let dataset = try digits(0..<10)
    var options = CalibrationOptions()
    options.limit = 4
    let opened = try Dataset(dataset.path)
    let part = try model.calibrationStatistics(over: opened, options: options)
    #expect(part.sampleCount == 4)
    var reports: [Int] = []
    let resumed = try model.calibrationStatistics(over: opened, continuing: part) {
      done, total, statistics in
      reports.append(done)
      #expect(total == 10 && statistics.sampleCount >= 4)
    }
    #expect(reports == Array(1...10))
    #expect(resumed == (try model.calibrationStatistics(over: opened)))
  }

  @Test("are of the very model, and of the values that were asked for")
  func belongToTheModel() throws {
    let dataset = try digits(0..<1)
    let opened = try Dataset(dataset.path)
    let model = try model()
    var options = CalibrationOptions()
    options.values = ["relu1", "image"]
    let statistics = try model.calibrationStatistics(over: opened, options: options)
    #expect(statistics.values.keys.sorted() == ["image", "relu1"])
    #expect(try statistics.range(of: "relu1", .minmax).low == 0)
    func error(_ body: () throws -> CalibrationStatistics) throws -> String {
      try #require(throws: Diagnostic.self) { try body() }.id
    }
    let other = try self.model("digits_dw")
    #expect(
      try error { try other.calibrationStatistics(over: opened, continuing: statistics) }
        == "calibration.model")
    #expect(
      try error { try model.calibrationStatistics(over: opened, continuing: statistics) }
        == "calibration.values")
    options.values = ["nothing"]
    #expect(
      try error { try model.calibrationStatistics(over: opened, options: options) }
        == "calibration.unknown-value")
  }

  @Test("are not made of NaN: the sample and the value are named")
  func notFinite() throws {
    let dataset = try digits(0..<1)
    var pixels = Array(repeating: Float(0), count: 64)
    pixels[9] = .nan
    try dataset.write("samples/9999.npy", Tensor(pixels, shape: [1, 8, 8]))
    let error = try #require(throws: Diagnostic.self) {
      try model().calibrationStatistics(over: Dataset(dataset.path))
    }
    #expect(error.id == "calibration.not-finite")
    #expect(error.description.contains("'image'") && error.description.contains("[0, 0, 1, 1]"))
    #expect(error.description.contains("samples/9999.npy"))
  }

  @Test("in a file that is none are refused")
  func refusesFiles() throws {
    let dataset = try TestDataset()
    let cases = [
      ("", "calibration.file"), ("{}", "calibration.file"),
      ("{\"version\": 2}", "calibration.version"), ("{\"version\": 1}", "calibration.file"),
    ]
    for (text, id) in cases {
      try dataset.write("statistics.json", text)
      let error = try #require(throws: Diagnostic.self) {
        try StatisticsFile.read(dataset.path + "/statistics.json")
      }
      #expect(error.id == id)
    }
  }

  @Test("that contradict themselves are refused")
  func refusesContradictions() throws {
    var options = CalibrationOptions()
    options.values = ["logits"]
    let dataset = try digits(0..<2)
    let statistics = try model().calibrationStatistics(
      over: Dataset(dataset.path), options: options)
    let text = String(decoding: try written(statistics), as: UTF8.self)
    for (found, other) in [
      ("\"elements\":20", "\"elements\":21"), ("\"samples\":2", "\"samples\":0"),
      ("\"exponent\":", "\"exponent\":9"), ("\"sumOfMinima\":[", "\"sumOfMinima\":[1,"),
      ("\"zeros\":", "\"zeros\":1"),
    ] {
      #expect(text.contains(found))
      try dataset.write("changed.json", text.replacingOccurrences(of: found, with: other))
      let error = try #require(throws: Diagnostic.self, "\(other)") {
        try StatisticsFile.read(dataset.path + "/changed.json")
      }
      #expect(error.id == "calibration.file")
    }
  }
}
