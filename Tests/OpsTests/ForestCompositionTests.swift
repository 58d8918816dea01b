import Diagnostics
import IR
import Ops
import Tensors
import Testing

/// Trees as operators on tables, against the trees themselves.
@Suite struct ForestCompositionTests {
  private let samples = Tensor(
    [0, 1, 2, 3, 0.5, -1, .nan, 2, 1, .nan, 4, 4] as [Float], shape: [6, 2])

  /// Two trees of unequal depth: one splits twice, the other once.
  private func nodes(_ attributes: inout Attributes, modes: [String]) {
    attributes.ints("nodes_treeids", [0, 0, 0, 0, 0, 1, 1, 1])
    attributes.ints("nodes_nodeids", [0, 1, 2, 3, 4, 0, 1, 2])
    attributes.ints("nodes_featureids", [0, 0, 1, 0, 0, 1, 0, 0])
    attributes.strings(
      "nodes_modes", [modes[0], "LEAF", modes[1], "LEAF", "LEAF", modes[2], "LEAF", "LEAF"])
    attributes.floats("nodes_values", [1, 0, 1.5, 0, 0, 2, 0, 0])
    attributes.ints("nodes_truenodeids", [1, 0, 3, 0, 0, 1, 0, 0])
    attributes.ints("nodes_falsenodeids", [2, 0, 4, 0, 0, 2, 0, 0])
    attributes.ints("nodes_missing_value_tracks_true", [1, 0, 0, 0, 0, 1, 0, 0])
  }

  private func votes(_ attributes: inout Attributes, _ prefix: String, _ ids: [Int]) {
    attributes.ints("\(prefix)_treeids", [0, 0, 0, 1, 1])
    attributes.ints("\(prefix)_nodeids", [1, 3, 4, 1, 2])
    attributes.ints("\(prefix)_ids", ids)
    attributes.floats("\(prefix)_weights", [0.25, -1, 2, 0.5, -0.75])
  }

  private func agree<T: TensorOp & Composed>(
    _: T.Type, outputCount: Int = 1, _ build: (inout Attributes) -> Void
  ) throws {
    var reader = AttributeReader(
      Attributes(build), opset: 3, inputCount: 1, outputCount: outputCount)
    let op = try T(&reader)
    let context = InferenceContext(
      types: [.tensor(.f32, [.symbol("N"), 2])], constants: [], contents: [],
      outputCount: outputCount, symbolPrefix: "t")
    let body = try #require(try op.composition(context))
    let found = try body.evaluate([.tensor(samples)]).compactMap(\.tensor)
    let expected = try op.evaluate(Operands([samples], outputCount: outputCount))
    #expect(found.count == outputCount)
    for (a, b) in zip(found, expected) {
      #expect(Tolerance.oneOperator(b.type).compare(a, b).mismatch == nil)
    }
  }

  @Test(
    arguments: [
      ["BRANCH_LEQ", "BRANCH_LEQ", "BRANCH_LEQ"], ["BRANCH_LT", "BRANCH_GT", "BRANCH_GTE"],
      ["BRANCH_EQ", "BRANCH_NEQ", "BRANCH_LEQ"],
    ], ["SUM", "AVERAGE", "MIN", "MAX"])
  func regression(modes: [String], aggregate: String) throws {
    try agree(TreeEnsembleRegressor.self) {
      nodes(&$0, modes: modes)
      votes(&$0, "target", [0, 1, 0, 0, 2])
      $0.int("n_targets", 3)
      $0.string("aggregate_function", aggregate)
      $0.floats("base_values", [0.5, 0, 1])
    }
  }

  @Test(arguments: ["NONE", "SOFTMAX", "LOGISTIC"])
  func classification(transform: String) throws {
    try agree(TreeEnsembleClassifier.self, outputCount: 2) {
      nodes(&$0, modes: ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GT"])
      votes(&$0, "class", [0, 1, 2, 0, 2])
      $0.ints("classlabels_int64s", [10, 20, 30])
      $0.string("post_transform", transform)
    }
    // All votes for one class of two.
    try agree(TreeEnsembleClassifier.self, outputCount: 2) {
      nodes(&$0, modes: ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GT"])
      votes(&$0, "class", [1, 1, 1, 1, 1])
      $0.ints("classlabels_int64s", [0, 1])
      $0.string("post_transform", transform)
    }
  }

  @Test func circlesHaveNoComposition() throws {
    var reader = AttributeReader(
      Attributes {
        $0.ints("nodes_treeids", [0, 0])
        $0.ints("nodes_nodeids", [0, 1])
        $0.ints("nodes_featureids", [0, 0])
        $0.strings("nodes_modes", ["BRANCH_LEQ", "LEAF"])
        $0.floats("nodes_values", [1, 0])
        $0.ints("nodes_truenodeids", [0, 0])
        $0.ints("nodes_falsenodeids", [1, 0])
        $0.ints("target_treeids", [0])
        $0.ints("target_nodeids", [1])
        $0.ints("target_ids", [0])
        $0.floats("target_weights", [1])
      }, opset: 3, inputCount: 1, outputCount: 1)
    let op = try TreeEnsembleRegressor(&reader)
    let context = InferenceContext(
      types: [.tensor(.f32, [1, 1])], constants: [], contents: [], outputCount: 1,
      symbolPrefix: "t")
    #expect(try op.composition(context)?.nodeIDs == nil)
  }
}
