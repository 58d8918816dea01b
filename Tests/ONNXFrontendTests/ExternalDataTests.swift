import Diagnostics
import Foundation
import IR
import ONNXFrontend
import Tensors
import Testing

/// Weights beside the model: found where they may lie, refused everywhere else.
struct ExternalDataTests {
  /// A folder `outer` with a file of three floats, holding a folder with the model and the same file.
  private static func prepare(_ external: [(String, String)]) throws -> String {
    let outer = try ModelSketch.newFolder()
    let inner = "\(outer)/inner"
    try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
    let weights = [Float](arrayLiteral: 1, 2, 3).withUnsafeBytes { Data($0) }
    // One byte in front of a second copy, for an offset that no float can be read at in place.
    let file = weights + Data([0]) + weights
    try file.write(to: URL(fileURLWithPath: "\(outer)/weights.bin"))
    try file.write(to: URL(fileURLWithPath: "\(inner)/weights.bin"))
    try FileManager.default.createSymbolicLink(
      atPath: "\(inner)/link.bin", withDestinationPath: "../weights.bin")
    try FileManager.default.createSymbolicLink(
      atPath: "\(inner)/near.bin", withDestinationPath: "weights.bin")
    try FileManager.default.createSymbolicLink(atPath: "\(inner)/up", withDestinationPath: "..")
    let sketch = ModelSketch(
      GraphSketch(
        inputs: [ValueSketch("x")], outputs: [ValueSketch("y")],
        nodes: [NodeSketch("Add", ["x", "k"], ["y"])],
        initializers: [TensorSketch("k", external: external, [3])]))
    return try sketch.write(in: inner)
  }

  @Test(arguments: [
    [("location", "weights.bin")],
    [("location", "weights.bin"), ("offset", "0"), ("length", "12")],
    [("location", "weights.bin"), ("offset", "13")],
    [("location", "near.bin"), ("offset", "13"), ("checksum", "ignored")],
    [("location", "./weights.bin")],
  ])
  func reads(_ external: [(String, String)]) throws {
    let graph = try Importer().importModel(at: try Self.prepare(external)).graph
    let weights = try #require(graph.constant(graph.value(named: "k")))
    #expect(weights.array(of: Float.self) == [1, 2, 3])
    #expect(try run(graph, [0, 0, 0, 1, 1, 1], shape: [2, 3])[0].doubles == [1, 2, 3, 2, 3, 4])
  }

  struct Refusal: CustomTestStringConvertible {
    let id: String
    let external: [(String, String)]
    var testDescription: String { "\(external)" }
  }

  @Test(arguments: [
    Refusal(id: "external-data.outside", external: [("location", "../weights.bin")]),
    Refusal(id: "external-data.outside", external: [("location", "a/../../weights.bin")]),
    Refusal(id: "external-data.outside", external: [("location", "/etc/passwd")]),
    Refusal(id: "external-data.outside", external: [("location", "link.bin")]),
    Refusal(id: "external-data.outside", external: [("location", "up/weights.bin")]),
    Refusal(id: "external-data.outside", external: [("location", "")]),
    Refusal(id: "external-data.missing", external: [("location", "absent.bin")]),
    Refusal(
      id: "external-data.past-end", external: [("location", "weights.bin"), ("offset", "14")]),
    Refusal(
      id: "external-data.past-end",
      external: [("location", "weights.bin"), ("offset", "9223372036854775807")]),
    Refusal(
      id: "external-data.offset", external: [("location", "weights.bin"), ("offset", "-1")]),
    Refusal(
      id: "external-data.offset",
      external: [("location", "weights.bin"), ("offset", "99999999999999999999")]),
    Refusal(
      id: "external-data.length", external: [("location", "weights.bin"), ("length", "16")]),
    Refusal(id: "file.unreadable", external: [("location", ".")]),
  ])
  func refuses(_ refusal: Refusal) throws {
    let found = problems(in: try Self.prepare(refusal.external))
    let first = try #require(found.first)
    #expect(first.id == (refusal.external[0].1 == "." ? "external-data.outside" : refusal.id))
    #expect(first.description.contains("'k'"))
  }

  @Test func refusesDataOfAModelInMemory() throws {
    let path = try Self.prepare([("location", "weights.bin")])
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let result = data.withUnsafeBytes { bytes in
      Result { try Importer().importModel(bytes, name: "memory.onnx") }
    }
    #expect(throws: (any Error).self) { try result.get() }
  }
}
