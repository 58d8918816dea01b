import Foundation
import IR
import ONNXFrontend

extension FuzzCase {
  /// Writes the case as the standard writes its own: `model.onnx`, and `input_0.pb` and so on in `test_data_set_0`.
  ///
  /// - Throws: what writing throws.
  package func write(to folder: String) throws {
    let data = "\(folder)/test_data_set_0"
    try? FileManager.default.removeItem(atPath: folder)
    try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    try Exporter().export(graph, to: "\(folder)/model.onnx")
    for (number, input) in inputs.enumerated() {
      if let tensor = input.tensor { try ValueFile.write(tensor, to: "\(data)/input_\(number).pb") }
    }
  }

  /// The graph, written to a file and read again.
  func throughFile() throws -> Graph {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(
      "martlet-fuzz-\(UUID().uuidString).onnx"
    ).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Exporter().export(graph, to: path)
    return try Importer().importModel(at: path).graph
  }
}
