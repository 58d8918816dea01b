import Diagnostics
import IR
import Tensors

/// Trees as tables: every tree of every sample stands at a node, and as many steps as the deepest tree has bring each to its
/// leaf.
///
///     %column = Gather(%columns, %node)                      // %node : i64[N, trees]
///     %value = GatherElements(%x, %column) {axis = 1}
///     %holds = LessOrEqual(%value, Gather(%thresholds, %node))
///     %node = Where(%holds, Gather(%ifTrue, %node), Gather(%ifFalse, %node))
///
/// Leaves lead to themselves.
extension DecisionForest {
  /// More steps, or larger tables, take more code and memory than the trees are worth.
  private static let mostSteps = 64
  private static let mostElements = 1 << 24

  /// The leaf of every tree that each sample reaches, `i64[N, trees]`; nil where a tree runs in circles, is too deep, or
  /// asks for a column that is not there.
  ///
  /// - Parameter input: the samples, of any numeric type, `[N, C]` or `[C]`.
  func leaves(of input: ValueID, _ graph: inout Composer) throws(Diagnostic) -> ValueID? {
    let shape = try graph.shape(input)
    let needed = nodes.map { $0.rule == nil ? 1 : $0.column + 1 }.max() ?? 1
    guard let columns = shape.last, let depth, !roots.isEmpty,
      columns.value.map({ needed <= $0 }) ?? true
    else { return nil }
    let element = elementForComparison(graph.type(input)?.element ?? .f64)
    var x = try graph.add(Cast(to: element), input)
    if shape.count == 1 { x = try graph.add(Unsqueeze(), x, graph.integers([0])) }
    if columns.value == nil {
      // Samples of too few columns have another number of elements, and are refused.
      x = try graph.add(
        Slice(), x, graph.integers([0]), graph.integers([needed]), graph.integers([1]))
      x = try graph.add(Reshape(), x, graph.integers([0, needed]))
    }
    let rows = try graph.size(shape.count == 1 ? 1 : shape[0], of: [input])
    let trees = graph.integers([roots.count])
    let start = graph.constant(Tensor(roots.map { Int64($0) }, shape: [1, roots.count]))
    var node = try graph.add(
      Expand(), start, graph.addAll(Concat(axis: 0), [rows, trees], outputCount: 1)[0])
    let ifTrue = table(\.ifTrue, &graph)
    let ifFalse = table(\.ifFalse, &graph)
    let asked = graph.constant(Tensor(nodes.map { Int64($0.column) }, shape: [nodes.count]))
    for _ in 0..<depth {
      let column = try graph.add(Gather(), asked, node)
      let value = try graph.add(GatherElements(axis: 1), x, column)
      let holds = try holds(value, at: node, element, &graph)
      node = try graph.add(
        Where(), holds, graph.add(Gather(), ifTrue, node), graph.add(Gather(), ifFalse, node))
    }
    return node
  }

  /// Steps from a root to the leaf that is farthest from it; nil beyond what is written out, as in circles.
  private var depth: Int? {
    var places = Set(roots)
    for step in 0...Self.mostSteps {
      let inner = places.filter { nodes[$0].rule != nil }
      if inner.isEmpty { return step }
      places = Set(inner.flatMap { [nodes[$0].ifTrue, nodes[$0].ifFalse] })
    }
    return nil
  }

  /// f32 where it holds the samples and everything that they are compared with.
  private func elementForComparison(_ input: ElementType) -> ElementType {
    let isNarrow = input == .f16 || input == .bf16 || input == .f32
    let fits = { (value: Double) in value.isNaN || Double(Float(value)) == value }
    return isNarrow && nodes.allSatisfy({ fits($0.threshold) && $0.members.allSatisfy(fits) })
      ? .f32 : .f64
  }

  /// A table of nodes that branches lead to; leaves lead to themselves.
  private func table(_ branch: KeyPath<Node, Int>, _ graph: inout Composer) -> ValueID {
    let targets = nodes.enumerated().map { place, node in
      Int64(node.rule == nil ? place : node[keyPath: branch])
    }
    return graph.constant(Tensor(targets, shape: [nodes.count]))
  }

  /// What is true of some nodes, for each place.
  private func marks(
    at node: ValueID, _ graph: inout Composer, _ isMarked: (Node) -> Bool
  ) throws(Diagnostic) -> ValueID {
    let table = graph.constant(Tensor(nodes.map(isMarked), shape: [nodes.count]))
    return try graph.add(Gather(), table, node)
  }

  /// Whether the rules of nodes hold for values.
  private func holds(
    _ value: ValueID, at node: ValueID, _ element: ElementType, _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    let thresholds = graph.constant(
      Tensor(doubles: nodes.map(\.threshold), shape: [nodes.count], type: element))
    let threshold = try graph.add(Gather(), thresholds, node)
    let rules = Set(nodes.compactMap(\.rule)).sorted { $0.rawValue < $1.rawValue }
    var result: ValueID?
    for rule in rules {
      let one = try holds(rule, value, threshold, at: node, element, &graph)
      guard let others = result else {
        result = one
        continue
      }
      let isRule = try marks(at: node, &graph) { $0.rule == rule }
      result = try graph.add(Where(), isRule, one, others)
    }
    guard var holds = result else { return try marks(at: node, &graph) { _ in false } }
    if nodes.contains(where: \.missingIsTrue) {
      let goesTrue = try marks(at: node, &graph) { $0.missingIsTrue }
      let isMissing = try graph.add(And(), graph.add(IsNaN(), value), goesTrue)
      holds = try graph.add(Or(), isMissing, holds)
    }
    return holds
  }

  private func holds(
    _ rule: Rule, _ value: ValueID, _ threshold: ValueID, at node: ValueID, _ element: ElementType,
    _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    switch rule {
    case .atMost: return try graph.add(LessOrEqual(), value, threshold)
    case .below: return try graph.add(Less(), value, threshold)
    case .atLeast: return try graph.add(GreaterOrEqual(), value, threshold)
    case .above: return try graph.add(Greater(), value, threshold)
    case .equal: return try graph.add(Equal(), value, threshold)
    case .unequal: return try graph.add(Not(), graph.add(Equal(), value, threshold))
    case .member:
      // NaN, which equals nothing, fills up the rows of smaller sets.
      let width = max(1, nodes.map(\.members.count).max() ?? 0)
      let rows = nodes.flatMap {
        $0.members + Array(repeating: .nan, count: width - $0.members.count)
      }
      let table = graph.constant(Tensor(doubles: rows, shape: [nodes.count, width], type: element))
      let members = try graph.add(Gather(), table, node)
      let last = graph.integers([2])
      let isEqual = try graph.add(Equal(), graph.add(Unsqueeze(), value, last), members)
      let found = try graph.add(
        ReduceMax(form: ReductionForm(keepsDimensions: false)),
        graph.add(Cast(to: .i32), isEqual), last)
      return try graph.add(Cast(to: .bool), found)
    }
  }

  /// The votes of leaves for targets together, `[N, targets]`; nil where the table of votes would be too large.
  ///
  /// - Parameters:
  ///   - votes: those of each node.
  ///   - leaves: `i64[N, trees]`.
  func combine(
    _ votes: [[(target: Int, weight: Double)]], of leaves: ValueID, targets: Int,
    _ aggregate: ForestAggregate, _ element: ElementType, _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID? {
    guard [nodes.count, targets].checkedElementCount ?? .max <= Self.mostElements,
      votes.joined().allSatisfy({ (0..<targets).contains($0.target) })
    else { return nil }
    let axis = graph.integers([1])
    let form = ReductionForm(keepsDimensions: false)
    let none: Double =
      switch aggregate {
      case .average, .sum: 0
      case .min: .infinity
      case .max: -.infinity
      }
    var table = Array(repeating: none, count: nodes.count * targets)
    var isVoted = Array(repeating: false, count: nodes.count * targets)
    for (node, votes) in votes.enumerated() {
      for (target, weight) in votes {
        let place = node * targets + target
        isVoted[place] = true
        switch aggregate {
        case .average, .sum: table[place] += weight
        case .min: table[place] = min(table[place], weight)
        case .max: table[place] = max(table[place], weight)
        }
      }
    }
    let shape = [nodes.count, targets]
    let weights = try graph.add(
      Gather(), graph.constant(Tensor(doubles: table, shape: shape, type: element)), leaves)
    switch aggregate {
    case .sum: return try graph.add(ReduceSum(form: form), weights, axis)
    case .average:
      let sum = try graph.add(ReduceSum(form: form), weights, axis)
      return try graph.add(Div(), sum, graph.scalar(Double(max(roots.count, 1)), element))
    case .min, .max:
      let extreme =
        aggregate == .min
        ? try graph.add(ReduceMin(form: form), weights, axis)
        : try graph.add(ReduceMax(form: form), weights, axis)
      let marks = try graph.add(Gather(), graph.constant(Tensor(isVoted, shape: shape)), leaves)
      let voted = try graph.add(
        Cast(to: .bool), graph.add(ReduceMax(form: form), graph.add(Cast(to: .i32), marks), axis))
      return try graph.add(Where(), voted, extreme, graph.scalar(0, element))
    }
  }
}

extension ScoreTransform {
  /// The transform as operators on `[N, classes]`; nil for those that have none.
  func compose(_ scores: ValueID, _ graph: inout Composer) throws(Diagnostic) -> ValueID? {
    switch self {
    case .none: scores
    case .softmax: try graph.add(Softmax(), scores)
    case .logistic: try graph.add(Sigmoid(), scores)
    case .softmaxZero, .probit: nil
    }
  }
}
