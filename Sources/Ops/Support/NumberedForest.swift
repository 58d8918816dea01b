import Diagnostics
import IR
import Tensors

/// The trees of TreeEnsembleClassifier and TreeEnsembleRegressor: nodes named by tree and node numbers, and votes
/// that leaves hold.
struct NumberedForest: Sendable {
  /// A number of a tree and a number of a node in it.
  struct Name: Hashable, Sendable {
    let tree: Int
    let node: Int
  }

  let attributes: Attributes
  let forest: DecisionForest
  /// For every node of the forest the votes of the leaf that it is.
  let votes: [[(target: Int, weight: Double)]]
  let baseValues: [Double]
  /// The targets that occur.
  let votedTargets: Set<Int>

  /// Reads the attributes of nodes, and those of votes, which begin with `prefix`.
  init(_ reader: inout AttributeReader, votes prefix: String) throws(Diagnostic) {
    var store = Attributes()
    var ints: [String: [Int]] = [:]
    let names = [
      "nodes_treeids", "nodes_nodeids", "nodes_featureids", "nodes_truenodeids",
      "nodes_falsenodeids", "nodes_missing_value_tracks_true", "\(prefix)_treeids",
      "\(prefix)_nodeids", "\(prefix)_ids",
    ]
    for name in names {
      ints[name] = try reader.ints(name)
      store.ints(name, ints[name])
    }
    let modes = try reader.strings("nodes_modes") ?? []
    store.strings("nodes_modes", modes)
    var numbers: [String: [Double]] = [:]
    for name in ["nodes_values", "nodes_hitrates", "\(prefix)_weights", "base_values"] {
      let floats = try reader.floats(name)
      let tensor = try reader.tensor("\(name)_as_tensor")
      store.floats(name, floats)
      if let tensor { store["\(name)_as_tensor"] = .tensor(tensor) }
      numbers[name] = floats ?? tensor?.doubles
    }
    attributes = store
    baseValues = numbers["base_values"] ?? []
    let places: [Name: Int]
    (forest, places) = try Self.forest(ints, modes, numbers["nodes_values"] ?? [])
    let targets = ints["\(prefix)_ids"] ?? []
    let trees = ints["\(prefix)_treeids"] ?? []
    let nodes = ints["\(prefix)_nodeids"] ?? []
    let weights = numbers["\(prefix)_weights"] ?? []
    guard [trees.count, nodes.count, weights.count].allSatisfy({ $0 == targets.count }) else {
      throw Diagnostic(
        "attribute.length",
        "votes have \(trees.count), \(nodes.count), \(targets.count) and "
          + "\(weights.count) trees, nodes, targets and weights, expected as many of each")
    }
    var votes = [[(target: Int, weight: Double)]](repeating: [], count: forest.nodes.count)
    for index in targets.indices {
      guard let place = places[Name(tree: trees[index], node: nodes[index])] else {
        throw Diagnostic(
          "attribute.tree",
          "vote \(index) is of tree \(trees[index]), node \(nodes[index]), which is not there")
      }
      votes[place].append((targets[index], weights[index]))
    }
    self.votes = votes
    votedTargets = Set(targets)
  }

  private static func forest(
    _ ints: [String: [Int]], _ modes: [String], _ thresholds: [Double]
  ) throws(Diagnostic) -> (DecisionForest, [Name: Int]) {
    let trees = ints["nodes_treeids"] ?? []
    let numbers = ints["nodes_nodeids"] ?? []
    let columns = ints["nodes_featureids"] ?? []
    let onTrue = ints["nodes_truenodeids"] ?? []
    let onFalse = ints["nodes_falsenodeids"] ?? []
    let counts = [
      numbers.count, columns.count, onTrue.count, onFalse.count, modes.count, thresholds.count,
    ]
    guard counts.allSatisfy({ $0 == trees.count }) else {
      throw Diagnostic(
        "attribute.length", "nodes have lists of \(counts) elements, expected \(trees.count)")
    }
    var places: [Name: Int] = [:]
    var roots: [Int] = []
    var seen: Set<Int> = []
    for index in trees.indices {
      places[Name(tree: trees[index], node: numbers[index])] = index
      if seen.insert(trees[index]).inserted { roots.append(index) }
    }
    let missing = ints["nodes_missing_value_tracks_true"] ?? []
    var nodes: [DecisionForest.Node] = []
    for index in trees.indices {
      let rule = DecisionForest.Rule(name: modes[index])
      guard rule != nil || modes[index] == "LEAF" else {
        throw Diagnostic("attribute.value", "mode '\(modes[index])' of node \(index)")
      }
      nodes.append(
        DecisionForest.Node(
          rule: rule, column: columns[index], threshold: thresholds[index],
          ifTrue: places[Name(tree: trees[index], node: onTrue[index])] ?? -1,
          ifFalse: places[Name(tree: trees[index], node: onFalse[index])] ?? -1,
          missingIsTrue: index < missing.count && missing[index] != 0))
    }
    return (try DecisionForest(nodes: nodes, roots: roots), places)
  }

  /// One row of scores per sample: the aggregated votes and the base values.
  func scores(
    _ x: Tensor, targets: Int, _ aggregate: ForestAggregate = .sum
  ) throws(Diagnostic) -> [[Double]] {
    let (rows, columns) = try Columns.table(x.shape)
    let values = x.doubles
    var result: [[Double]] = []
    for row in 0..<rows {
      let leaves = try forest.leaves(values[row * columns..<(row + 1) * columns])
      var scores = try aggregate.combine(
        leaves.flatMap { votes[$0] }, targets: targets, trees: forest.roots.count)
      for target in scores.indices where target < baseValues.count {
        scores[target] += baseValues[target]
      }
      result.append(scores)
    }
    return result
  }
}
