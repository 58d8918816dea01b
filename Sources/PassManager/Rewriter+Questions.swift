package import IR
package import Tensors

extension Rewriter {
  /// A node to start a rewrite from; nil once it is erased or the bisect limit is reached.
  package func node(_ id: NodeID) -> Node? {
    changeCount < changeLimit && graph.contains(id) ? graph[id] : nil
  }

  /// A node to start a rewrite from, if its operator is of one kind.
  package func match<Operator: Op>(_ id: NodeID, as: Operator.Type) -> Match<Operator>? {
    guard let node = node(id), let op = node.op as? Operator else { return nil }
    return Match(id: id, node: node, op: op)
  }

  /// The node that makes a value, if its operator is of one kind.
  package func def<Operator: Op>(of value: ValueID?, as: Operator.Type) -> Match<Operator>? {
    guard let value, let id = graph.producer(of: value), let op = graph[id].op as? Operator,
      graph[id].outputs.first == value
    else { return nil }
    return Match(id: id, node: graph[id], op: op)
  }

  /// The data of a constant.
  package func constant(_ value: ValueID?) -> Tensor? { graph.constant(value) }

  /// The elements of a constant float tensor as doubles.
  package func floats(_ value: ValueID?) -> [Double]? {
    guard let tensor = constant(value), tensor.type.isFloat else { return nil }
    return tensor.doubles
  }

  /// The elements of an integer value as numbers, from a constant or a shape computation.
  package mutating func integers(_ value: ValueID?) -> [Int]? {
    guard let value else { return nil }
    if let tensor = constant(value) {
      return tensor.elementCount <= 4096 ? tensor.integers : nil
    }
    if let tensor = inferred().constants[value] { return tensor.integers }
    guard let contents = contents(of: value) else { return nil }
    let numbers = contents.compactMap(\.value)
    return numbers.count == contents.count ? numbers : nil
  }

  /// The data of a value that does not depend on the graph's inputs, if it is small.
  package mutating func known(_ value: ValueID) -> Tensor? {
    constant(value) ?? inferred().constants[value]
  }

  /// The elements of an integer value as expressions, where a shape computation makes it.
  package mutating func contents(of value: ValueID) -> [IndexExpr]? {
    inferred().contents[value]
  }

  /// Whether exactly one node input or graph output reads the value.
  package func hasOneUse(_ value: ValueID?) -> Bool {
    guard let value else { return false }
    return graph.useCount(of: value) == 1
  }

  package func isGraphOutput(_ value: ValueID) -> Bool { graph.outputs.contains(value) }

  package func type(_ value: ValueID?) -> TensorType? { value.flatMap { graph.tensorType($0) } }

  /// The dimensions of a value; nil when its rank is not known.
  package func shape(_ value: ValueID?) -> [IndexExpr]? { type(value)?.shape }

  package func staticShape(_ value: ValueID?) -> [Int]? { type(value)?.staticShape }

  package func rank(_ value: ValueID?) -> Int? { shape(value)?.count }
}
