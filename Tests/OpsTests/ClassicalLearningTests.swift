import Diagnostics
import IR
import Ops
import Tensors
import Testing

@Suite struct ClassicalLearningTests {
  private func make<T: Op>(
    _: T.Type, _ build: (inout Attributes) -> Void
  ) throws(Diagnostic) -> T {
    var reader = AttributeReader(Attributes(build), opset: 5, inputCount: 1, outputCount: 1)
    let op = try T(&reader)
    try reader.finish()
    return op
  }

  private let table = Tensor([1, -2, 3, 4] as [Float], shape: [2, 2])

  @Test func scalesColumns() throws {
    let scaler = try make(Scaler.self) {
      $0.floats("offset", [1, 0])
      $0.floats("scale", [2])
    }
    #expect(try run(scaler, table)[0].doubles == [0, -4, 4, 8])
    let wrong = try make(Scaler.self) { $0.floats("scale", [1, 2, 3]) }
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try run(wrong, table) } == "attribute.length")
  }

  @Test func putsFeaturesSideBySide() throws {
    let more = Tensor([7, 8] as [Int64], shape: [2, 1])
    let vectorizer = try make(FeatureVectorizer.self) { $0.ints("inputdimensions", [1, 2]) }
    let result = try vectorizer.evaluate(Operands([table, more]))[0]
    #expect(result.shape == [2, 3])
    #expect(result.doubles == [1, 7, 0, 3, 8, 0])
    let wrong = try make(FeatureVectorizer.self) { $0.ints("inputdimensions", [1]) }
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try wrong.evaluate(Operands([table, more])) }
        == "attribute.length")
  }

  @Test(arguments: [("L1", [1.0 / 3, -2.0 / 3]), ("MAX", [0.5, -1])])
  func normalizesSamples(norm: String, first: [Double]) throws {
    let normalizer = try make(Normalizer.self) { $0.string("norm", norm) }
    let result = try run(normalizer, table)[0].doubles
    #expect(zip(result, first).allSatisfy { ($0 - $1).magnitude < 1e-6 })
  }

  @Test func encodesLabelsBothWays() throws {
    let encoder = try make(LabelEncoder.self) {
      $0.strings("classes_strings", ["a", "b"])
      $0.string("default_string", "?")
    }
    let words = Tensor(strings: ["b", "x"], shape: [2])
    #expect(try run(encoder, words)[0].integers == [1, -1])
    #expect(try run(encoder, i64(0, 7))[0].strings == ["a", "?"])
  }

  @Test func classifiesByOneScoreOfTwo() throws {
    let classifier = try make(LinearClassifier.self) {
      $0.floats("coefficients", [1, 1])
      $0.floats("intercepts", [0])
      $0.strings("classlabels_strings", ["no", "yes"])
      $0.string("post_transform", "LOGISTIC")
    }
    let results = try run(classifier, table, outputCount: 2)
    #expect(results[0].strings == ["no", "yes"])
    #expect(results[1].shape == [2, 2])
    #expect((results[1].doubles[1] - 0.26894142) < 1e-6)
  }

  @Test func fillsMissingValues() throws {
    let imputer = try make(Imputer.self) {
      $0.floats("imputed_value_floats", [7])
      $0.float("replaced_value_float", .nan)
    }
    let holes = Tensor([1, .nan] as [Float], shape: [1, 2])
    #expect(try run(imputer, holes)[0].doubles == [1, 7])
  }

  private func stump(_ attributes: inout Attributes, _ votes: String) {
    attributes.ints("nodes_treeids", [0, 0, 0])
    attributes.ints("nodes_nodeids", [0, 1, 2])
    attributes.ints("nodes_featureids", [1, 0, 0])
    attributes.ints("nodes_truenodeids", [1, 0, 0])
    attributes.ints("nodes_falsenodeids", [2, 0, 0])
    attributes.strings("nodes_modes", ["BRANCH_LEQ", "LEAF", "LEAF"])
    attributes.floats("nodes_values", [0, 0, 0])
    attributes.ints("\(votes)_treeids", [0, 0])
    attributes.ints("\(votes)_nodeids", [1, 2])
    attributes.ints("\(votes)_ids", [0, 0])
    attributes.floats("\(votes)_weights", [0.25, 0.75])
  }

  @Test func votesOfTrees() throws {
    let regressor = try make(TreeEnsembleRegressor.self) {
      stump(&$0, "target")
      $0.floats("base_values", [1])
    }
    #expect(try run(regressor, table)[0].doubles == [1.25, 1.75])
    let classifier = try make(TreeEnsembleClassifier.self) {
      stump(&$0, "class")
      $0.ints("classlabels_int64s", [10, 20])
    }
    let results = try run(classifier, table, outputCount: 2)
    #expect(results[0].integers == [10, 20])
    #expect(results[1].doubles == [0.75, 0.25, 0.25, 0.75])
  }

  @Test func refusesTreesThatRunInCircles() throws {
    let circle = try make(TreeEnsembleRegressor.self) {
      stump(&$0, "target")
      $0.strings("nodes_modes", ["BRANCH_LEQ", "BRANCH_LEQ", "BRANCH_LEQ"])
    }
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try run(circle, table) } == "attribute.tree")
  }
}
