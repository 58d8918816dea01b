import Diagnostics
import IR
import Ops
import Tensors
import Testing

/// Operators of maps from labels or names to numbers.
@Suite struct MapTests {
  private func make<T: Op>(
    _: T.Type, _ build: (inout Attributes) -> Void
  ) throws(Diagnostic) -> T {
    var reader = AttributeReader(Attributes(build), opset: 1, inputCount: 1, outputCount: 1)
    let op = try T(&reader)
    try reader.finish()
    return op
  }

  private func context(_ type: ValueType) -> InferenceContext {
    InferenceContext(
      types: [type], constants: [], contents: [], outputCount: 1, symbolPrefix: "n")
  }

  private func map<K: TensorElement>(_ entries: [(K, Float)]) -> Value {
    .map(
      entries.map { (key: .tensor(Tensor(scalar: $0)), value: .tensor(Tensor(scalar: $1))) })
  }

  private func map(_ entries: [(String, Float)]) -> Value {
    .map(
      entries.map {
        (key: .tensor(Tensor(strings: [$0], shape: [])), value: .tensor(Tensor(scalar: $1)))
      })
  }

  @Test func scoresGetTheirLabels() throws {
    let zip = try make(ZipMap.self) { $0.strings("classlabels_strings", ["no", "yes"]) }
    let type = try zip.infer(context(.tensor(.f32, [.symbol("N"), 2])))
    #expect(type.map(\.description) == ["seq(map(string, f32[]))"])
    let scores = Tensor([0.25, 0.75, 1, 0] as [Float], shape: [2, 2])
    guard case .sequence(let rows) = try zip.evaluate([.tensor(scores)], outputCount: 1)[0],
      rows.count == 2, case .map(let first) = rows[0], case .map(let second) = rows[1]
    else {
      Issue.record("not a sequence of two maps")
      return
    }
    #expect(first.map { $0.key.tensor?.strings } == [["no"], ["yes"]])
    #expect(first.map { $0.value.tensor?.doubles } == [[0.25], [0.75]])
    #expect(second.map { $0.value.tensor?.doubles } == [[1], [0]])
  }

  @Test func scoresThatDoNotFitTheirLabelsAreRefused() throws {
    let zip = try make(ZipMap.self) { $0.ints("classlabels_int64s", [4, 7]) }
    #expect(
      diagnosticID { () throws(Diagnostic) in
        _ = try zip.infer(context(.tensor(.f32, [1, 3])))
      } == "shape.columns")
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try make(ZipMap.self) { _ in } }
        == "attribute.missing")
    #expect(
      diagnosticID { () throws(Diagnostic) in
        _ = try make(ZipMap.self) {
          $0.ints("classlabels_int64s", [1])
          $0.strings("classlabels_strings", ["a"])
        }
      } == "attribute.value")
  }

  @Test func mapsGiveWayToTheirScores() throws {
    let text = """
      graph @g(%x: f32[N, 2]) {
        %s = Softmax(%x)
        %p = ai.onnx.ml.ZipMap(%s) {classlabels_int64s = [3, 4]}
        %q = ai.onnx.ml.ZipMap(%x) {classlabels_int64s = [3, 4]}
        return %p, %s, %q
      }
      """
    var graph = try Parser.parse(text, operators: OpCatalog.standard).graph
    let warnings = graph.exposeZippedScores()
    #expect(warnings.map(\.id) == ["model.zip-map", "model.zip-map"])
    #expect(Verifier.verify(graph).diagnostics == [])
    let outputs = graph.outputs.map { (graph[$0].name, graph[$0].type.description) }
    #expect(outputs.map(\.0) == ["p", "s", "q"])
    #expect(outputs.map(\.1) == ["f32[N, 2]", "f32[N, 2]", "f32[N, 2]"])
    #expect(!graph.nodeIDs.contains { graph[$0].op is ZipMap })
    #expect(graph.exposeZippedScores().isEmpty)
  }

  @Test func vocabulariesMakeRows() throws {
    let op = try make(DictVectorizer.self) { $0.strings("string_vocabulary", ["c", "b", "a"]) }
    let type = ValueType.map(key: .string, value: .tensor(.f32, []))
    #expect(try op.infer(context(type)).map(\.description) == ["f32[1, 3]"])
    let row = try op.evaluate([map([("a", 1.5), ("z", 9), ("c", 2)])], outputCount: 1)[0].tensor
    #expect(row?.shape == [1, 3] && row?.doubles == [2, 0, 1.5])
    #expect(
      diagnosticID { () throws(Diagnostic) in
        _ = try op.infer(context(.map(key: .i64, value: .tensor(.f32, []))))
      } == "type.keys")
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try op.infer(context(.tensor(.f32, [3]))) }
        == "type.not-a-map")
  }

  @Test func valuesInTheOrderOfTheirKeys() throws {
    let entries = map([(Int64(3), Float(1.5)), (1, -2.75), (9, 0.125)] as [(Int64, Float)])
    let dense = try make(CastMap.self) { _ in }
    #expect(
      try dense.evaluate([entries], outputCount: 1)[0].tensor?.doubles == [-2.75, 1.5, 0.125])
    let sparse = try make(CastMap.self) {
      $0.string("cast_to", "TO_INT64")
      $0.string("map_form", "SPARSE")
      $0.int("max_map", 5)
    }
    let row = try sparse.evaluate([entries], outputCount: 1)[0].tensor
    #expect(row?.integers == [0, -2, 0, 1, 0] && row?.shape == [1, 5])
  }

  @Test func numbersBecomeTextOfSixDecimals() throws {
    let op = try make(CastMap.self) { $0.string("cast_to", "TO_STRING") }
    // What C's `%f` prints.
    let texts: [(Float, String)] = [
      (1.5, "1.500000"), (1e-7, "0.000000"), (123_456_792, "123456792.000000"),
      (-0.1, "-0.100000"), (0.9999999, "1.000000"), (.infinity, "inf"),
      (1e30, "1000000015047466219876688855040.000000"),
    ]
    let entries = map(texts.enumerated().map { (Int64($0), $1.0) })
    let found = try op.evaluate([entries], outputCount: 1)[0].tensor?.strings
    #expect(found == texts.map(\.1))
  }
}
