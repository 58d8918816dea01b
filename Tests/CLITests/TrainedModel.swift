import Foundation
import Testing

/// One model of `Models/`, as `models.json` records it.
struct TrainedModel: Sendable, CustomTestStringConvertible, Decodable {
  let file: String
  let correct: Int
  let samples: Int

  var name: String { String(file.dropLast(".onnx".count)) }
  var testDescription: String { name }

  /// All of them; empty, which a test notices, when the record cannot be read.
  static let all: [TrainedModel] = {
    let record = Command.root.appendingPathComponent("Models/models.json")
    guard let data = try? Data(contentsOf: record),
      let models = try? JSONDecoder().decode([String: TrainedModel].self, from: data)
    else { return [] }
    return models.values.sorted { $0.name < $1.name }
  }()
}
