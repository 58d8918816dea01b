package import Diagnostics
package import IR
import Tensors

/// An operator that comes down to a graph of others, at least for some operands.
package protocol Composed: Op {
  /// The graph, whose inputs are the node's inputs that are not left out, in their order; nil where what is known of them
  /// does not decide it.
  func composition(_ context: InferenceContext) throws(Diagnostic) -> Graph?
}

/// A function of the standard: an operator that always means a graph of others.
package protocol FunctionOp: Composed {
  func compose(_ graph: inout Composer) throws(Diagnostic) -> [ValueID]
}

extension FunctionOp {
  package func composition(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    try body(context)
  }

  private func body(_ context: InferenceContext) throws(Diagnostic) -> Graph {
    var composer = Composer(context)
    let outputs = try compose(&composer)
    return composer.finish(outputs)
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let body = try body(context)
    return body.outputs.map { body[$0].type }
  }

  package func evaluate(_ inputs: [Value?], outputCount: Int) throws(Diagnostic) -> [Value] {
    let context = InferenceContext(
      types: inputs.map { $0?.type }, constants: [], contents: [], outputCount: outputCount,
      symbolPrefix: "f")
    return try body(context).evaluate(inputs.compactMap { $0 })
  }
}

/// How much may be written out where graphs run several times.
enum Unrolling {
  private static let mostRuns = 64
  private static let mostNodes = 4096

  /// Whether so many runs of a graph are written out one behind the other.
  static func allows(_ runs: Int, of body: Graph) -> Bool {
    runs <= mostRuns && runs * body.nodeIDs.count <= mostNodes
  }
}

/// Writes the graph that an operator comes down to.
package struct Composer {
  private var graph: Graph
  private var inference = TypeInference()
  private let inputs: [ValueID?]
  package let context: InferenceContext

  init(_ context: InferenceContext) {
    var graph = Graph(name: context.symbolPrefix)
    var inputs: [ValueID?] = []
    for (number, type) in context.types.enumerated() {
      guard let type else {
        inputs.append(nil)
        continue
      }
      let input = graph.addInput("input\(number)", type)
      // What is known stays known; the input itself is then read by nobody.
      let constant = number < context.constants.count ? context.constants[number] : nil
      inputs.append(constant.map { graph.addConstant("constant\(number)", $0) } ?? input)
    }
    self.graph = graph
    self.inputs = inputs
    self.context = context
  }

  consuming func finish(_ outputs: [ValueID]) -> Graph {
    graph.setOutputs(outputs)
    return graph
  }

  /// Input number `index` of the operator; nil when it is left out.
  func optional(_ index: Int) -> ValueID? { index < inputs.count ? inputs[index] : nil }

  /// Input number `index` of the operator.
  ///
  /// - Throws: `type.missing-input`.
  func input(_ index: Int) throws(Diagnostic) -> ValueID {
    guard let input = optional(index) else {
      throw Diagnostic("type.missing-input", "input \(index) is missing")
    }
    return input
  }

  /// The last inputs.
  func suffix(_ count: Int) -> [ValueID?] { inputs.suffix(count) }

  func type(_ value: ValueID) -> TensorType? { graph.tensorType(value) }

  func shape(_ value: ValueID) throws(Diagnostic) -> [IndexExpr] {
    guard let shape = graph.tensorType(value)?.shape else {
      throw .unsupported("shape.unknown-rank", "the rank of '\(graph[value].name)' is not known")
    }
    return shape
  }

  mutating func constant(_ tensor: Tensor) -> ValueID { graph.addConstant("c", tensor) }

  /// A vector of `i64`.
  mutating func integers(_ values: [Int]) -> ValueID {
    constant(Tensor(values.map { Int64($0) }, shape: [values.count]))
  }

  /// One number of a type.
  mutating func scalar(_ value: Double, _ type: ElementType) -> ValueID {
    constant(Tensor(doubles: [value], shape: [], type: type))
  }

  /// The outputs of an operator.
  ///
  /// - Throws: what its schema or its shape rule says of the inputs.
  mutating func addAll(
    _ op: any Op, _ inputs: [ValueID?], outputCount: Int
  ) throws(Diagnostic) -> [ValueID] {
    let schema = Swift.type(of: op).schema
    let name = "\(graph.name)/\(schema.name)_\(graph.nodeIDs.count)"
    let context = inference.context(
      inputs: inputs, outputCount: outputCount, name: name, in: graph)
    if let problem = schema.check(inputs: context.types, outputCount: outputCount).first {
      throw problem
    }
    let types = try op.inferTypes(context)
    let outputs = types.prefix(outputCount).map { (name: schema.name, type: $0) }
    let id = graph.addNode(name, op, inputs: inputs, outputs: outputs)
    inference.noteContents(of: id, in: graph)
    return graph[id].outputs.compactMap { $0 }
  }

  /// The only output of an operator.
  mutating func add(_ op: any Op, _ inputs: ValueID?...) throws(Diagnostic) -> ValueID {
    try addAll(op, inputs, outputCount: 1)[0]
  }

  /// What another graph gives for these arguments.
  mutating func inline(_ body: Graph, _ arguments: [ValueID?]) throws(Diagnostic) -> [ValueID] {
    try graph.inline(
      body, arguments: arguments, prefix: "\(graph.name)/\(graph.nodeIDs.count)",
      inference: &inference)
  }

  /// Values side by side along a new axis.
  mutating func stack(_ parts: [ValueID], axis: Int) throws(Diagnostic) -> ValueID {
    let place = integers([axis])
    var widened: [ValueID] = []
    for part in parts { widened.append(try add(Unsqueeze(), part, place)) }
    return try addAll(Concat(axis: axis), widened, outputCount: 1)[0]
  }

  /// An `i64` scalar.
  mutating func number(_ value: Int) -> ValueID { constant(Tensor(scalar: Int64(value))) }

  /// A dimension of a value as an `i64` scalar.
  mutating func size(of value: ValueID, axis: Int) throws(Diagnostic) -> ValueID {
    let length = try add(Shape(start: axis, end: axis + 1), value)
    return try add(Squeeze(), length, integers([0]))
  }

  /// A scalar as a vector of one element.
  mutating func vector(of scalar: ValueID) throws(Diagnostic) -> ValueID {
    try add(Unsqueeze(), scalar, integers([0]))
  }

  /// `0..<count` in `i64`, for a scalar `count`.
  mutating func counting(to count: ValueID) throws(Diagnostic) -> ValueID {
    try add(RangeOp(), number(0), count, number(1))
  }

  /// A value whose use refuses to run where a scalar `condition` is false: its shape then fits nothing.
  mutating func demand(_ condition: ValueID, of value: ValueID) throws(Diagnostic) -> ValueID {
    try add(Reshape(), value, add(Where(), condition, add(Shape(), value), integers([-2])))
  }

  /// A dimension that one of the values has, as a vector of one element.
  mutating func size(_ dimension: IndexExpr, of sources: [ValueID]) throws(Diagnostic) -> ValueID {
    if let number = dimension.value { return integers([number]) }
    for source in sources {
      for (axis, found) in (try shape(source)).enumerated() where found == dimension {
        return try add(Slice(), try add(Shape(), source), integers([axis]), integers([axis + 1]))
      }
    }
    throw .unsupported("shape.open", "the size \(dimension) is that of no operand")
  }
}
