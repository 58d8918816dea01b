import Diagnostics
import IR
import Ops
import Tensors
import TestSupport

/// The value of an attribute, written as a literal.
enum AttributeLiteral: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByStringLiteral, ExpressibleByArrayLiteral
{
  case value(Attribute)

  init(integerLiteral value: Int) { self = .value(.int(value)) }
  init(floatLiteral value: Double) { self = .value(.float(value)) }
  init(stringLiteral value: String) { self = .value(.string(value)) }
  init(arrayLiteral elements: Int...) { self = .value(.ints(elements)) }
  init(_ elements: [Int]) { self = .value(.ints(elements)) }

  var attribute: Attribute {
    switch self {
    case .value(let attribute): attribute
    }
  }
}

/// What of the inputs' shapes is left open at compile time.
enum Openness: String, CaseIterable {
  /// Nothing: every dimension is a number.
  case fixed
  /// The first dimension of the first input, and whatever must equal it.
  case batch
  /// Every dimension that the case does not keep fixed.
  case open
  /// Every dimension of one element, which then repeats in the first run and grows to 5 in the second.
  case one

  /// By how much symbolic dimensions grow in each run of one session.
  var growths: [Int] {
    switch self {
    case .fixed: [0]
    // Back to the first size at last: nothing of the larger one may be left over.
    case .batch, .open: [0, 3, 0]
    case .one: [0, 4, 0]
    }
  }
}

/// Builds a small graph node by node, types inferred, weights and inputs from a seed.
///
/// Dimensions of equal size become the same symbol, so that a case written with numbers stays valid when it is opened.
struct GraphSketch {
  private(set) var graph: Graph
  let openness: Openness
  /// What the elements of integer inputs may be, by input.
  private(set) var ranges: [ValueID: Range<Int>] = [:]
  private var inference = TypeInference()
  private var random: SplitMix
  private var batch: Int?

  init(_ name: String, openness: Openness = .fixed, seed: UInt64 = 1) {
    graph = Graph(name: name, source: name)
    self.openness = openness
    random = SplitMix(seed: seed)
  }

  /// An input whose axes beyond `fixed` may be symbolic.
  mutating func input(
    _ shape: [Int], _ type: ElementType = .f32, fixed: Set<Int> = [], range: Range<Int> = 0..<3
  ) -> ValueID {
    if batch == nil { batch = shape.first ?? 0 }
    let dimensions = shape.enumerated().map { axis, size -> IndexExpr in
      let isOpen =
        switch openness {
        case .fixed: false
        case .batch: axis == 0 && size == batch && !fixed.contains(0)
        case .open: size > 1 && !fixed.contains(axis)
        case .one: size == 1 && !fixed.contains(axis)
        }
      return isOpen ? .symbol("s\(size)") : IndexExpr(size)
    }
    let id = graph.addInput("x\(graph.inputs.count)", .tensor(type, dimensions))
    ranges[id] = range
    return id
  }

  /// An input whose dimensions are given as expressions.
  mutating func input(open shape: [IndexExpr], _ type: ElementType = .f32) -> ValueID {
    graph.addInput("x\(graph.inputs.count)", .tensor(type, shape))
  }

  /// Says of a value what a model may declare and the operator's rule does not.
  mutating func declare(_ id: ValueID, _ shape: [IndexExpr]) {
    graph.setType(id, .tensor(graph.tensorType(id)?.element ?? .f32, shape))
  }

  /// A picture, sequence or volume `[N, C, ...]` with a fixed number of channels.
  mutating func image(_ shape: [Int], _ type: ElementType = .f32) -> ValueID {
    input(shape, type, fixed: [1])
  }

  /// A constant of random numbers in `-1..<1`.
  mutating func weight(_ shape: [Int], _ type: ElementType = .f32) -> ValueID {
    constant(Self.noise(type, shape, scale: 1, 0..<3, &random))
  }

  /// A constant of random numbers in `0.5..<1.5`, as variances and scales are.
  mutating func positive(_ shape: [Int]) -> ValueID {
    let values = (0..<shape.elementCount).map { _ in Float(random.below(1 << 20)) / 0x1p20 + 0.5 }
    return constant(Tensor(values, shape: shape))
  }

  mutating func constant(_ tensor: Tensor) -> ValueID {
    graph.addConstant("c\(graph.valueIDs.count)", tensor)
  }

  mutating func integers(_ values: [Int]) -> ValueID {
    constant(Tensor(values.map { Int64($0) }, shape: [values.count]))
  }

  mutating func floats(_ values: [Float]) -> ValueID {
    constant(Tensor(values, shape: [values.count]))
  }

  mutating func scalar(_ value: Float) -> ValueID { constant(Tensor(scalar: value)) }

  /// Applies an operator and returns its outputs.
  mutating func nodes(
    _ name: String, _ inputs: [ValueID?], _ attributes: [String: AttributeLiteral] = [:],
    outputCount: Int = 1
  ) throws(Diagnostic) -> [ValueID] {
    guard let type = OpCatalog.standard.type(qualifiedName: name) else {
      throw Diagnostic("test.operator", "there is no operator '\(name)'")
    }
    var set = Attributes()
    for (key, value) in attributes { set[key] = value.attribute }
    var reader = AttributeReader(
      set, opset: 22, inputCount: inputs.count, outputCount: outputCount)
    let op = try type.init(&reader)
    try reader.finish()
    let label = "n\(graph.nodeIDs.count)"
    let context = inference.context(
      inputs: inputs, outputCount: outputCount, name: label, in: graph)
    let types = try op.infer(context)
    let id = graph.addNode(
      label, op, inputs: inputs,
      outputs: types.prefix(outputCount).map { ("v\(graph.valueIDs.count)", $0) })
    inference.noteContents(of: id, in: graph)
    return graph[id].outputs.compactMap { $0 }
  }

  /// Applies an operator with one output.
  mutating func node(
    _ name: String, _ inputs: [ValueID?], _ attributes: [String: AttributeLiteral] = [:]
  ) throws(Diagnostic) -> ValueID {
    try nodes(name, inputs, attributes)[0]
  }

  /// A number in `0..<bound` from the graph's own seed.
  mutating func below(_ bound: Int) -> Int { random.below(bound) }

  func shape(_ id: ValueID) -> [IndexExpr] { graph.tensorType(id)?.shape ?? [] }
  func numbers(_ id: ValueID) -> [Int] { shape(id).map { $0.value ?? 1 } }

  mutating func finish(_ outputs: [ValueID]) { graph.setOutputs(outputs) }

  /// Inputs for a run: symbolic dimensions have the size that they were written with, plus a `growth`.
  func inputs(growth: Int, seed: UInt64) -> [Tensor] {
    var random = SplitMix(seed: seed)
    return graph.inputs.map { id in
      let type = graph.tensorType(id) ?? TensorType(.f32, [])
      let shape = (type.shape ?? []).map { dimension in
        dimension.evaluate { symbol in (Int(symbol.name.dropFirst()) ?? 1) + growth } ?? 1
      }
      return Self.noise(type.element, shape, scale: 2, ranges[id] ?? 0..<3, &random)
    }
  }

  /// Floats in `-scale..<scale`, integers in a range, booleans.
  private static func noise(
    _ type: ElementType, _ shape: [Int], scale: Double, _ range: Range<Int>,
    _ random: inout SplitMix
  ) -> Tensor {
    let count = shape.elementCount
    if type == .bool {
      return Tensor((0..<count).map { _ in random.below(2) == 1 }, shape: shape)
    }
    if type.isInteger {
      let values = (0..<count).map { _ in range.lowerBound + random.below(range.count) }
      return Tensor(integers: values, shape: shape, type: type)
    }
    let values = (0..<count).map { _ in
      (Double(random.below(1 << 24)) / 0x1p23 - 1) * scale
    }
    return Tensor(doubles: values, shape: shape, type: type)
  }
}
