import Diagnostics
import Foundation
import IR
import ONNXFrontend
import Tensors
import TestSupport
import Testing

/// A model with something wrong, and what must be said about it.
struct BadModel: Sendable, CustomTestStringConvertible {
  let name: String
  let sketch: ModelSketch
  let ids: [String]
  /// Words that the message or the place of the first diagnostic must contain.
  let words: [String]

  init(_ name: String, _ ids: [String], _ words: [String], _ graph: GraphSketch) {
    self.name = name
    self.ids = ids
    self.words = words
    sketch = ModelSketch(graph)
  }

  init(_ name: String, _ ids: [String], _ words: [String], model: ModelSketch) {
    self.name = name
    self.ids = ids
    self.words = words
    sketch = model
  }

  var testDescription: String { name }
}

private let x = ValueSketch("x")
private let y = ValueSketch("y")

private func graph(
  _ nodes: [NodeSketch], inputs: [ValueSketch] = [x], outputs: [ValueSketch] = [y],
  _ initializers: [TensorSketch] = [], valueInfos: [ValueSketch] = []
) -> GraphSketch {
  GraphSketch(
    inputs: inputs, outputs: outputs, nodes: nodes, initializers: initializers,
    valueInfos: valueInfos)
}

private let relu = NodeSketch("Relu", ["x"], ["y"], name: "r")

private func recursive() -> ModelSketch {
  let body = FunctionSketch(
    name: "F", inputs: ["a"], outputs: ["b"],
    nodes: [NodeSketch("G", ["a"], ["b"], domain: "local")])
  let back = FunctionSketch(
    name: "G", inputs: ["a"], outputs: ["b"],
    nodes: [NodeSketch("F", ["a"], ["b"], domain: "local")])
  return ModelSketch(
    graph([NodeSketch("F", ["x"], ["y"], name: "call", domain: "local")]), functions: [body, back])
}

private func doubling() -> ModelSketch {
  let functions = (0..<40).map { level in
    FunctionSketch(
      name: "F\(level)", inputs: ["a"], outputs: ["c"],
      nodes: [
        NodeSketch("F\(level + 1)", ["a"], ["b"], domain: "local"),
        NodeSketch("F\(level + 1)", ["b"], ["c"], domain: "local"),
      ])
  }
  return ModelSketch(
    graph([NodeSketch("F0", ["x"], ["y"], name: "call", domain: "local")]), functions: functions)
}

private func withoutOpset() -> ModelSketch {
  var model = ModelSketch(graph([relu]))
  model.opsets = []
  return model
}

private let badModels: [BadModel] = [
  BadModel(
    "a cycle", ["import.cycle"], ["'a' -> 'b' -> 'a'"],
    graph([
      NodeSketch("Add", ["x", "q"], ["p"], name: "a"), NodeSketch("Relu", ["p"], ["q"], name: "b"),
      relu,
    ])),
  BadModel(
    "a dangling name", ["import.undefined-value"], ["'nowhere'", "node 'a' (Add)"],
    graph([NodeSketch("Add", ["x", "nowhere"], ["y"], name: "a")])),
  BadModel(
    "an output that nothing makes", ["import.undefined-output"], ["'y'"],
    graph([NodeSketch("Relu", ["x"], ["z"])])),
  BadModel(
    "two nodes with one output", ["import.duplicate-value"], ["'y'", "node 's' (Relu)"],
    graph([relu, NodeSketch("Relu", ["x"], ["y"], name: "s")])),
  BadModel(
    "one node with two equal outputs", ["import.duplicate-value"], ["'y'"],
    graph(
      [
        NodeSketch("Split", ["x"], ["y", "y"], name: "s", [("axis", .int(0))])
      ], outputs: [ValueSketch("y", .f32, nil)])),
  BadModel(
    "two inputs of one name", ["import.duplicate-value"], ["'x'"], graph([relu], inputs: [x, x])),
  BadModel("no outputs", ["import.no-outputs"], ["'test'"], graph([relu], outputs: [])),
  BadModel(
    "declared output of another type", ["shape.contradiction"], ["'y'", "i64"],
    graph([relu], outputs: [ValueSketch("y", .i64)])),
  BadModel(
    "unknown operators, all of them", ["import.unsupported-op", "import.unsupported-op"],
    ["'Nonsense'", "ai.onnx", "opset 17", "node 'n' (Nonsense)"],
    graph([
      NodeSketch("Nonsense", ["x"], ["a"], name: "n"), NodeSketch("Relu", ["a"], ["b"]),
      NodeSketch("Rubbish", ["b"], ["y"], name: "m"),
    ])),
  BadModel(
    "problems that do not depend on each other", ["import.undefined-value", "attribute.axis"],
    ["'q'"],
    graph([
      NodeSketch("Relu", ["q"], ["z"]),
      NodeSketch("Softmax", ["x"], ["y"], [("axis", .int(5))]),
    ])),
  BadModel(
    "an unknown attribute", ["attribute.unknown"], ["'color'"],
    graph([NodeSketch("Relu", ["x"], ["y"], [("color", .int(1))])])),
  BadModel(
    "an attribute of the wrong kind", ["attribute.type"], ["'axis'", "float", "int"],
    graph([NodeSketch("Softmax", ["x"], ["y"], [("axis", .float(1))])])),
  BadModel(
    "an attribute twice", ["attribute.duplicate"], ["'axis'"],
    graph([NodeSketch("Softmax", ["x"], ["y"], [("axis", .int(0)), ("axis", .int(1))])])),
  BadModel(
    "too many inputs", ["arity.too-many-inputs"], ["Relu"],
    graph([NodeSketch("Relu", ["x", "x"], ["y"])])),
  BadModel(
    "a missing input", ["arity.missing-input"], ["Add"], graph([NodeSketch("Add", ["x"], ["y"])])),
  BadModel(
    "operands of two types", ["type.variable"], ["Add"],
    graph(
      [NodeSketch("Add", ["x", "k"], ["y"])], [TensorSketch("k", ints: [1, 2, 3], [3])])),
  BadModel(
    "shapes that do not broadcast", ["shape.broadcast"], ["[2, 3]", "[4]"],
    graph(
      [NodeSketch("Add", ["x", "k"], ["y"])], [TensorSketch("k", floats: [1, 2, 3, 4], [4])])),
  BadModel(
    "too few bytes in a tensor", ["tensor.data-count"], ["'k'", "8 bytes", "expected 12"],
    graph(
      [NodeSketch("Add", ["x", "k"], ["y"])],
      [TensorSketch("k", .f32, [3], raw: [UInt8](repeating: 0, count: 8))])),
  BadModel(
    "a tensor without data", ["tensor.data-count"], ["'k'"],
    graph([NodeSketch("Add", ["x", "k"], ["y"])], [TensorSketch("k", .f32, [3])])),
  BadModel(
    "a negative dimension in a tensor", ["shape.negative"], ["-1"],
    graph([NodeSketch("Add", ["x", "k"], ["y"])], [TensorSketch("k", .f32, [-1], raw: [])])),
  BadModel(
    "a size that overflows", ["shape.overflow"], ["'k'"],
    graph(
      [NodeSketch("Add", ["x", "k"], ["y"])],
      [TensorSketch("k", .f32, [1 << 40, 1 << 40], raw: [])])),
  BadModel(
    "a size that overflows beside an empty dimension", ["shape.overflow"], ["'k'"],
    graph(
      [NodeSketch("Add", ["x", "k"], ["y"])],
      [TensorSketch("k", .f32, [0, 1 << 40, 1 << 40], raw: [])])),
  BadModel(
    "an input of absurd size", ["shape.overflow"], ["'x'"],
    graph([relu], inputs: [ValueSketch("x", .f32, [9_000_000_000, 9_000_000_000])])),
  BadModel("no opset", ["import.missing-opset"], ["domain"], model: withoutOpset()),
  BadModel(
    "functions that call each other", ["import.recursive-function"], ["'local.F'"],
    model: recursive()),
  BadModel(
    "functions that double for ever", ["import.too-many-nodes"], ["1000000"], model: doubling()),
]

/// Everything that the standard does not allow, and what the user reads about it.
struct BadModelTests {
  @Test(arguments: badModels)
  func saysWhatIsWrong(_ model: BadModel) throws {
    let found = try problems(in: model.sketch)
    #expect(Array(found.map(\.id).prefix(model.ids.count)) == model.ids)
    let text = found.first.map(\.description) ?? ""
    for word in model.words { #expect(text.contains(word), "\(text)") }
    #expect(found.count == model.ids.count)
  }

  @Test func refusesWhatIsNotAModel() throws {
    let folder = try ModelSketch.newFolder()
    let path = "\(folder)/noise.onnx"
    var random = SplitMix(seed: 1)
    for count in [0, 1, 2, 10, 1000] {
      let bytes = (0..<count).map { _ in UInt8(random.below(256)) }
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      #expect(!problems(in: path).isEmpty)
    }
    #expect(problems(in: "\(folder)/absent.onnx").map(\.id) == ["file.unreadable"])
    #expect(problems(in: folder).map(\.id) == ["file.unreadable"])
  }

  @Test func survivesEveryTruncation() throws {
    let path = try ModelSketch(
      graph(
        [NodeSketch("Add", ["x", "k"], ["z"]), NodeSketch("Softmax", ["z"], ["y"])],
        [TensorSketch("k", floats: [1, 2, 3], [3])])
    ).write()
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    #expect(problems(in: path).isEmpty)
    for count in bytes.indices {
      let result = bytes.prefix(count).withUnsafeBytes { bytes in
        Result { try Importer().importModel(bytes, name: "part.onnx") }
      }
      // A cut between the last fields may leave a smaller, whole model; anything else is refused.
      if case .success(let model) = result { #expect(model.graph.outputs.count == 1) }
    }
  }

  @Test(arguments: 0..<8)
  func survivesDamage(part: Int) throws {
    let folder = RepositoryFolder.path("Models")
    let seeds = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".onnx") }.sorted()
    let mutators = try seeds.map {
      Mutator([UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)"))))
    }
    try #require(!mutators.isEmpty)
    for number in part * 50..<(part + 1) * 50 {
      let bytes = mutators[number % mutators.count].mutation(seed: UInt64(number))
      bytes.withUnsafeBytes { bytes in
        do throws(DiagnosticList) {
          _ = try Importer().importModel(bytes, name: "damaged.onnx")
        } catch {
          #expect(error.hasErrors)
          #expect(!error.diagnostics.contains { $0.severity == .internal }, "\(error)")
        }
      }
    }
  }
}
