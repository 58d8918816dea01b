package import Diagnostics
package import IR
package import Tensors

/// Decision trees whose leaves vote with weights for targets.
///
/// - Input: `X`, `f16`, `f32` or `f64` `[N, C]`. Output: `Y`, same type, `[N, n_targets]`.
/// - Attributes: nodes as parallel lists (`nodes_featureids`, `nodes_splits`, `nodes_modes` of 0...6, `nodes_truenodeids`,
///   `nodes_trueleafs`, `nodes_falsenodeids`, `nodes_falseleafs`, optional `nodes_missing_value_tracks_true`,
///   `nodes_hitrates` without effect), `leaf_targetids` and `leaf_weights`, `membership_values` (NaN ends each set),
///   `tree_roots`, `n_targets`, `aggregate_function` (0...3: average, sum, min, max) and `post_transform` (0...4).
/// - Errors: `attribute.missing`, `attribute.length`, `attribute.value`, `attribute.tree`, `shape.rank-mismatch`.
/// - Source: ai.onnx.ml TreeEnsemble-5.
package struct TreeEnsemble: TensorOp {
  package static let schema = OpSchema(
    "TreeEnsemble", domain: "ai.onnx.ml", versions: [5], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": [.f16, .f32, .f64]])

  package let attributes: Attributes
  let forest: DecisionForest
  private let firstLeaf: Int
  private let leafTargets: [Int]
  private let leafWeights: [Double]
  let targets: Int
  let aggregate: ForestAggregate
  let transform: ScoreTransform

  package init(_ reader: inout AttributeReader) throws(Diagnostic) {
    var store = Attributes()
    var lists: [String: [Int]] = [:]
    let names = [
      "nodes_featureids", "nodes_truenodeids", "nodes_trueleafs", "nodes_falsenodeids",
      "nodes_falseleafs", "nodes_missing_value_tracks_true", "leaf_targetids", "tree_roots",
    ]
    for name in names {
      lists[name] = try reader.ints(name)
      store.ints(name, lists[name])
    }
    var tensors: [String: [Double]] = [:]
    for name in [
      "nodes_splits", "nodes_modes", "leaf_weights", "membership_values", "nodes_hitrates",
    ] {
      guard let tensor = try reader.tensor(name) else { continue }
      tensors[name] = tensor.doubles
      store[name] = .tensor(tensor)
    }
    targets = try reader.int("n_targets", default: 1)
    let function = try reader.int("aggregate_function", default: 1)
    let transformNumber = try reader.int("post_transform", default: 0)
    store.int("n_targets", targets, default: 1)
    store.int("aggregate_function", function, default: 1)
    store.int("post_transform", transformNumber, default: 0)
    attributes = store
    guard ForestAggregate.allCases.indices.contains(function), targets > 0,
      ScoreTransform.allCases.indices.contains(transformNumber)
    else {
      throw Diagnostic(
        "attribute.value",
        "aggregate_function is \(function), post_transform \(transformNumber), n_targets \(targets)"
      )
    }
    aggregate = ForestAggregate.allCases[function]
    transform = ScoreTransform.allCases[transformNumber]
    leafTargets = lists["leaf_targetids"] ?? []
    leafWeights = tensors["leaf_weights"] ?? []
    firstLeaf = lists["nodes_featureids"]?.count ?? 0
    guard leafTargets.count == leafWeights.count else {
      throw Diagnostic(
        "attribute.length", "\(leafTargets.count) leaf targets, \(leafWeights.count) leaf weights")
    }
    let leaves = Array(repeating: DecisionForest.Node(), count: leafTargets.count)
    forest = try DecisionForest(
      nodes: try Self.nodes(lists, tensors) + leaves, roots: lists["tree_roots"] ?? [])
  }

  /// The votes of each node: one for a leaf, none for the others.
  var votes: [[(target: Int, weight: Double)]] {
    let own = zip(leafTargets, leafWeights).map { [(target: $0, weight: $1)] }
    return Array(repeating: [], count: firstLeaf) + own
  }

  /// The inner nodes; leaves are numbered behind them.
  private static func nodes(
    _ lists: [String: [Int]], _ tensors: [String: [Double]]
  ) throws(Diagnostic) -> [DecisionForest.Node] {
    let columns = lists["nodes_featureids"] ?? []
    let modes = tensors["nodes_modes"] ?? []
    let splits = tensors["nodes_splits"] ?? []
    let ids = ["nodes_truenodeids", "nodes_falsenodeids"].map { lists[$0] ?? [] }
    let areLeaves = ["nodes_trueleafs", "nodes_falseleafs"].map { lists[$0] ?? [] }
    let counts = [modes.count, splits.count] + (ids + areLeaves).map(\.count)
    guard counts.allSatisfy({ $0 == columns.count }) else {
      throw Diagnostic(
        "attribute.length", "nodes have lists of \(counts) elements, expected \(columns.count)")
    }
    var sets = (tensors["membership_values"] ?? []).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNaN)[...]
    let missing = lists["nodes_missing_value_tracks_true"]
    var nodes: [DecisionForest.Node] = []
    for index in columns.indices {
      guard let rule = DecisionForest.Rule(rawValue: Int(exactly: modes[index]) ?? -1) else {
        throw Diagnostic("attribute.value", "mode \(modes[index]) of node \(index), expected 0...6")
      }
      func branch(_ side: Int) -> Int {
        let id = ids[side][index]
        guard areLeaves[side][index] != 0 else { return id < columns.count ? id : -1 }
        return id < 0 ? -1 : columns.count &+ id
      }
      nodes.append(
        DecisionForest.Node(
          rule: rule, column: columns[index], threshold: splits[index],
          members: rule == .member ? Array(sets.popFirst() ?? []) : [], ifTrue: branch(0),
          ifFalse: branch(1),
          missingIsTrue: missing.map { index < $0.count && $0[index] != 0 } ?? false))
    }
    return nodes
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let rows = try context.knownShape(0).map { shape throws(Diagnostic) in
      try Columns.rows(shape)
    }
    return [
      .tensor(
        try context.element(0), [rows ?? context.freshDimension(axis: 0), IndexExpr(targets)])
    ]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let (rows, columns) = try Columns.table(inputs[0].shape)
    let values = inputs[0].doubles
    var results: [Double] = []
    for row in 0..<rows {
      let leaves = try forest.leaves(values[row * columns..<(row + 1) * columns])
      let votes = leaves.map {
        (target: leafTargets[$0 - firstLeaf], weight: leafWeights[$0 - firstLeaf])
      }
      let scores = try aggregate.combine(votes, targets: targets, trees: forest.roots.count)
      results += transform.apply(scores)
    }
    return [Tensor(doubles: results, shape: [rows, targets], type: inputs[0].type)]
  }
}
