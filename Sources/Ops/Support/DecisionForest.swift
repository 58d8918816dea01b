import Diagnostics
import Tensors

/// Binary decision trees over the columns of a sample.
struct DecisionForest: Sendable {
  enum Rule: Int, Sendable {
    case atMost
    case below
    case atLeast
    case above
    case equal
    case unequal
    case member

    /// The spelling of the attribute `nodes_modes` before TreeEnsemble-5; nil for leaves and unknown ones.
    init?(name: String) {
      switch name {
      case "BRANCH_LEQ": self = .atMost
      case "BRANCH_LT": self = .below
      case "BRANCH_GTE": self = .atLeast
      case "BRANCH_GT": self = .above
      case "BRANCH_EQ": self = .equal
      case "BRANCH_NEQ": self = .unequal
      default: return nil
      }
    }
  }

  struct Node: Sendable {
    /// Nil for a leaf.
    var rule: Rule?
    var column = 0
    var threshold = 0.0
    var members: [Double] = []
    var ifTrue = 0
    var ifFalse = 0
    var missingIsTrue = false
  }

  let nodes: [Node]
  let roots: [Int]

  /// - Throws: `attribute.tree` when a branch leads to no node.
  init(nodes: [Node], roots: [Int]) throws(Diagnostic) {
    let range = nodes.indices
    for (index, node) in nodes.enumerated() where node.rule != nil {
      guard range.contains(node.ifTrue), range.contains(node.ifFalse), node.column >= 0 else {
        throw Diagnostic(
          "attribute.tree",
          "node \(index) leads to \(node.ifTrue) and \(node.ifFalse) of \(nodes.count) nodes")
      }
    }
    guard roots.allSatisfy(range.contains) else {
      throw Diagnostic("attribute.tree", "roots \(roots) are not among \(nodes.count) nodes")
    }
    self.nodes = nodes
    self.roots = roots
  }

  /// The leaf of every tree that a sample reaches.
  ///
  /// - Throws: `attribute.tree` when a tree asks for a column that is not there or runs in circles.
  func leaves(_ sample: ArraySlice<Double>) throws(Diagnostic) -> [Int] {
    var found: [Int] = []
    found.reserveCapacity(roots.count)
    for root in roots { found.append(try leaf(root, sample)) }
    return found
  }

  private func leaf(_ root: Int, _ sample: ArraySlice<Double>) throws(Diagnostic) -> Int {
    var index = root
    for _ in 0...nodes.count {
      let node = nodes[index]
      guard let rule = node.rule else { return index }
      guard node.column < sample.count else {
        throw Diagnostic(
          "attribute.tree", "a tree asks for column \(node.column) of \(sample.count)")
      }
      let value = sample[sample.startIndex + node.column]
      let holds =
        value.isNaN && node.missingIsTrue || Self.holds(rule, value, node.threshold, node.members)
      index = holds ? node.ifTrue : node.ifFalse
    }
    throw Diagnostic("attribute.tree", "the tree of root \(root) runs in circles")
  }

  private static func holds(
    _ rule: Rule, _ value: Double, _ threshold: Double, _ members: [Double]
  ) -> Bool {
    switch rule {
    case .atMost: value <= threshold
    case .below: value < threshold
    case .atLeast: value >= threshold
    case .above: value > threshold
    case .equal: value == threshold
    case .unequal: value != threshold
    case .member: members.contains(value)
    }
  }
}

/// How the leaves of a forest add up.
enum ForestAggregate: String, CaseIterable, Sendable {
  case average = "AVERAGE"
  case sum = "SUM"
  case min = "MIN"
  case max = "MAX"

  static var names: [String] { allCases.map(\.rawValue) }

  /// One number per target from weighted votes; targets without a vote are 0.
  func combine(
    _ votes: [(target: Int, weight: Double)], targets: Int, trees: Int
  ) throws(Diagnostic) -> [Double] {
    var result = [Double?](repeating: nil, count: targets)
    for (target, weight) in votes {
      guard result.indices.contains(target) else {
        throw Diagnostic("attribute.tree", "a leaf votes for target \(target) of \(targets)")
      }
      guard let before = result[target] else {
        result[target] = weight
        continue
      }
      switch self {
      case .average, .sum: result[target] = before + weight
      case .min: result[target] = Swift.min(before, weight)
      case .max: result[target] = Swift.max(before, weight)
      }
    }
    let divisor = self == .average ? Double(Swift.max(trees, 1)) : 1
    return result.map { ($0 ?? 0) / divisor }
  }
}
