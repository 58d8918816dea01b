package import Diagnostics
package import IR
import Ops
package import Tensors
package import TestSupport

/// A graph in the making, of whose values every one is known: nodes are evaluated as they are added, so that the next
/// operator can be given operands that it takes.
package struct GraphGrower {
  package private(set) var graph: Graph
  /// What every value holds, inputs and constants included.
  package private(set) var values: [ValueID: Value] = [:]
  package var random: SplitMix
  /// Inputs that say how large something is. Their own sizes say what rank that has.
  package private(set) var sizeInputs: Set<ValueID> = []
  private var inference = TypeInference()
  private static let opset = 28

  /// Whether it is a graph in an attribute, which has the inputs that its node gives it and no others.
  private let isRegion: Bool

  package init(_ name: String, seed: UInt64, isRegion: Bool = false) {
    self.isRegion = isRegion
    graph = Graph(name: name, source: name)
    random = SplitMix(seed: seed)
  }

  // MARK: Choices

  package mutating func below(_ bound: Int) -> Int { random.below(bound) }
  package mutating func chance(_ count: Int, of total: Int) -> Bool { random.below(total) < count }
  package mutating func flag() -> Bool { random.below(2) == 1 }
  package mutating func pick<T>(_ choices: [T]) -> T { choices[random.below(choices.count)] }
  package mutating func number(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + random.below(range.count)
  }

  /// A size of an axis: small, often one, around the widths of vectors, now and then zero.
  package mutating func size() -> Int {
    chance(1, of: 40) ? 0 : pick([1, 1, 1, 2, 2, 3, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33])
  }

  package mutating func shape(rank: ClosedRange<Int> = 0...4) -> [Int] {
    var shape = (0..<number(rank)).map { _ in size() }
    while shape.elementCount > Self.elementLimit { shape[below(shape.count)] = number(1...3) }
    return shape
  }

  private static let elementLimit = 1200

  // MARK: Values

  package func tensor(_ id: ValueID) -> Tensor {
    values[id]?.tensor ?? Tensor(zeros: [0], type: .f32)
  }
  package func shape(of id: ValueID) -> [Int] { tensor(id).shape }

  /// A new input or a new constant.
  package mutating func fresh(_ tensor: Tensor) -> ValueID {
    if isRegion { return constant(tensor) }
    return chance(2, of: 5) ? constant(tensor) : input(tensor)
  }

  package mutating func input(_ tensor: Tensor) -> ValueID {
    let id = graph.addInput(
      "x\(graph.inputs.count)", .tensor(tensor.type, tensor.shape.map { IndexExpr($0) }))
    values[id] = .tensor(tensor)
    return id
  }

  package mutating func constant(_ tensor: Tensor) -> ValueID {
    let id = graph.addConstant("c\(graph.valueIDs.count)", tensor)
    values[id] = .tensor(tensor)
    return id
  }

  package mutating func integers(_ values: [Int], _ type: ElementType = .i64) -> ValueID {
    constant(Tensor(integers: values, shape: [values.count], type: type))
  }

  /// Integers that a result's size follows from: constants, or now and then known when the model runs and not before.
  package mutating func sizes(_ values: [Int], _ type: ElementType = .i64) -> ValueID {
    guard !isRegion, chance(1, of: 6) else { return integers(values, type) }
    let id = input(Tensor(integers: values, shape: [values.count], type: type))
    sizeInputs.insert(id)
    return id
  }

  package mutating func scalar(_ value: Double, _ type: ElementType) -> ValueID {
    constant(Tensor(doubles: [value], shape: [], type: type))
  }

  /// A value that exists and serves, or a new one.
  package mutating func value(
    _ type: ElementType, rank: ClosedRange<Int> = 0...4, _ numbers: Numbers = .tame,
    where serves: (Tensor) -> Bool = { _ in true }, make: ((inout GraphGrower) -> [Int])? = nil
  ) -> ValueID {
    if chance(4, of: 5),
      let known = known({ tensor in
        tensor.type == type && rank.contains(tensor.rank) && serves(tensor)
          && numbers.admits(tensor)
      })
    {
      return known
    }
    let shape = make?(&self) ?? self.shape(rank: rank)
    return fresh(numbers.tensor(type, shape, &random))
  }

  /// A value of exactly this shape.
  package mutating func value(
    _ type: ElementType, shape: [Int], _ numbers: Numbers = .tame
  ) -> ValueID {
    value(type, rank: shape.count...shape.count, numbers, where: { $0.shape == shape }) { _ in shape
    }
  }

  /// A value that broadcasts with a shape.
  package mutating func value(
    _ type: ElementType, broadcastingWith shape: [Int], _ numbers: Numbers = .tame
  ) -> ValueID {
    value(
      type, numbers,
      where: { other in
        zip(other.shape.reversed(), shape.reversed()).allSatisfy { $0 == $1 || $0 == 1 || $1 == 1 }
          && max(other.elementCount, 1) * max(shape.elementCount, 1) <= 50_000
      },
      make: { grower in
        let kept = shape.map { grower.chance(2, of: 3) ? $0 : 1 }
        return Array(kept.dropFirst(grower.chance(1, of: 3) ? grower.below(shape.count + 1) : 0))
      })
  }

  private mutating func known(_ serves: (Tensor) -> Bool) -> ValueID? {
    let candidates = graph.valueIDs.filter { id in values[id]?.tensor.map(serves) ?? false }
    guard !candidates.isEmpty else { return nil }
    // The newest ones most: that makes chains.
    return flag() ? candidates[candidates.count - 1] : pick(candidates)
  }

  // MARK: Nodes

  /// Applies an operator: types are inferred, values computed.
  ///
  /// - Throws: what decoding, the schema, the shape rule or the reference computation says against it.
  @discardableResult
  package mutating func apply(
    _ name: String, _ inputs: [ValueID?], outputs outputCount: Int = 1,
    _ build: (inout Attributes) -> Void = { _ in }
  ) throws(Diagnostic) -> [ValueID] {
    guard let type = OpCatalog.standard.type(qualifiedName: name) else {
      throw Diagnostic("fuzz.operator", "there is no operator '\(name)'")
    }
    var inputs = inputs
    while let last = inputs.last, last == nil { inputs.removeLast() }
    var reader = AttributeReader(
      Self.rounded(Attributes(build)), opset: Self.opset, inputCount: inputs.count,
      outputCount: outputCount)
    var op = try type.init(&reader)
    try reader.finish()
    let problems = type.schema.check(
      inputs: inputs.map { $0.map { graph[$0].type } }, outputCount: outputCount)
    if let problem = problems.first { throw problem }
    let label = "n\(graph.nodeIDs.count)"
    let context = inference.context(
      inputs: inputs, outputCount: outputCount, name: label, in: graph)
    op = try op.typed(for: context)
    let types = try op.inferTypes(context)
    let results = try op.evaluate(
      inputs.map { $0.flatMap { values[$0] } }, outputCount: outputCount)
    if results.contains(where: { ($0.tensor?.elementCount ?? 0) > 1 << 14 }) {
      throw Diagnostic("fuzz.size", "a result of \(name) is too large for a small graph")
    }
    let id = graph.addNode(
      label, op, inputs: inputs,
      outputs: types.prefix(outputCount).map { ("v\(graph.valueIDs.count)", $0) })
    inference.noteContents(of: id, in: graph)
    for case (let output?, let value) in zip(graph[id].outputs, results) { values[output] = value }
    return graph[id].outputs.compactMap { $0 }
  }

  /// Attributes as a file keeps them: floats in single precision.
  private static func rounded(_ attributes: Attributes) -> Attributes {
    var attributes = attributes
    for (name, value) in attributes.entries {
      switch value {
      case .float(let number): attributes[name] = .float(Double(Float(number)))
      case .floats(let numbers): attributes[name] = .floats(numbers.map { Double(Float($0)) })
      default: continue
      }
    }
    return attributes
  }

  package mutating func setOutputs(_ outputs: [ValueID]) { graph.setOutputs(outputs) }

  /// Takes back everything that came after an earlier state, but not its random numbers.
  package mutating func restore(_ earlier: GraphGrower) {
    let random = random
    self = earlier
    self.random = random
  }
}
