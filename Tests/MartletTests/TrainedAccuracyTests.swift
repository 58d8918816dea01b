import Foundation
import IR
import Martlet
import Tensors
import Testing

/// The models of `Models/`: compiled code classifies as many samples correctly as their record says.
@Suite("accuracy of the trained models") struct TrainedAccuracyTests {
  struct Record: Decodable, Sendable, CustomTestStringConvertible {
    let file: String
    let evaluation: String
    let correct: Int
    let samples: Int

    var testDescription: String { file }

    /// All of them; empty, which a test notices, when the file cannot be read.
    static let all: [Record] = {
      guard let data = try? Data(contentsOf: folder.appendingPathComponent("models.json")),
        let models = try? JSONDecoder().decode([String: Record].self, from: data)
      else { return [] }
      return models.values.sorted { $0.file < $1.file }
    }()

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Models")
  }

  @Test func modelsAreRecorded() { #expect(!Record.all.isEmpty) }

  @Test("equals the record", arguments: Record.all, [1, 2])
  func equalsRecord(record: Record, threads: Int) throws {
    let model = try Model(contentsOf: Record.folder.appendingPathComponent(record.file).path)
    let data = try NumpyArchive.read(
      Record.folder.appendingPathComponent(record.evaluation).path)
    let images = try #require(data["image"])
    let labels = try #require(data["labels"]?.integers)
    #expect(labels.count == record.samples)
    let outputs = try model.executor(.native, threads: threads).run([.tensor(images)])
    let scores = try #require(outputs.first?.tensor)
    let values = scores.doubles
    let classCount = scores.shape[1]
    let correct = labels.indices.count { sample in
      let row = values[sample * classCount..<(sample + 1) * classCount]
      return row.indices.max { row[$0] < row[$1] } == row.startIndex + labels[sample]
    }
    #expect(correct == record.correct)
  }
}
