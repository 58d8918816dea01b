import Diagnostics
public import IR
import Interpreter
import Loops
import Tensors

/// How far native code lies from a reference in double precision, layer by layer and for the whole network.
public struct LayerErrors: Encodable, Sendable {
  /// A value in native code beside the same in double precision.
  public struct Error: Encodable, Sendable {
    /// The largest difference.
    public let largest: Double
    /// The root mean square of differences over that of the reference.
    public let relative: Double
    /// The largest magnitude of the reference.
    public let largestOutput: Double

    /// The largest difference as a share of the largest output.
    public var ofLargest: Double { largestOutput > 0 ? largest / largestOutput : largest }
  }

  /// A node that multiplies and accumulates f32, with whatever was fused behind it.
  public struct Layer: Encodable, Sendable {
    public let node: String
    public let op: String
    /// How it was computed, and why.
    public let choice: String
    /// Of the layer alone: the reference has what native code gave it.
    public let own: Error
    /// Of all layers as far as this one: the reference has the model's inputs.
    public let accumulated: Error
  }

  /// An output of the model.
  public struct Output: Encodable, Sendable {
    public let name: String
    public let error: Error
  }

  /// In the order of execution.
  public let layers: [Layer]
  public let outputs: [Output]

  /// Runs a graph as native code and on the interpreter in double precision.
  ///
  /// Layers are those of the graph that is compiled, so operators that the passes fuse or fold into a layer are part of
  /// it, and weights are those that it has then. Outputs are held against the graph as the model has it.
  ///
  /// - Parameters:
  ///   - graph: the model's, whose symbols `inputs` bind.
  ///   - optimized: the same as it is lowered.
  /// - Throws: what compilation, widening and runs throw.
  public init(
    _ graph: Graph, optimized: Graph, inputs: [Value], threads: Int, code: CodeOptions
  ) throws {
    let anchors = Self.anchors(of: optimized)
    let native = try Self.native(optimized, anchors, inputs, threads: threads, code: code)
    let wide = try optimized.widened()
    var accumulated: [ValueID: Error] = [:]
    let wideInputs = inputs.map(Self.widened)
    _ = try Interpreter(wide).run(wideInputs, taps: Set(anchors.map(\.output))) { id, expected in
      accumulated[id] = native.values[id].flatMap { Error($0, expected) }
    }
    layers = try anchors.compactMap { anchor in
      guard let found = native.values[anchor.output], let total = accumulated[anchor.output] else {
        return nil
      }
      let expected = try Self.reference(anchor, optimized, wide, native.values)
      guard let own = expected.flatMap({ Error(found, $0) }) else { return nil }
      let node = optimized[anchor.node]
      return Layer(
        node: node.name, op: node.anchorOp, choice: native.choices[node.name] ?? "", own: own,
        accumulated: total)
    }
    let expected = try Interpreter(try graph.widened()).run(wideInputs)
    let found = try NativeExecutor(optimized, threads: threads, code: code).run(inputs)
    outputs = zip(graph.outputs, zip(found, expected)).compactMap { id, values in
      Error(values.0, values.1).map { Output(name: graph[id].name, error: $0) }
    }
  }

  private typealias Anchor = (node: NodeID, output: ValueID)

  /// Nodes whose first output is a sum of products of f32.
  private static func anchors(of graph: Graph) -> [Anchor] {
    let inference = TypeInference()
    return graph.nodeIDs.compactMap { id in
      let node = graph[id]
      guard let output = node.outputs.first.flatMap({ $0 }),
        graph.tensorType(output)?.element == .f32,
        node.op.multiplyAccumulates(inference.context(for: id, in: graph)).value != 0
      else { return nil }
      return (id, output)
    }
  }

  /// What native code gives for everything that anchors read and compute, and how it computes them.
  private static func native(
    _ graph: Graph, _ anchors: [Anchor], _ inputs: [Value], threads: Int, code: CodeOptions
  ) throws -> (values: [ValueID: Value], choices: [String: String]) {
    var shown: Set<ValueID> = []
    for anchor in anchors {
      shown.insert(anchor.output)
      shown.formUnion(graph[anchor.node].inputs.compactMap { $0 })
    }
    let ids = shown.filter { graph.producer(of: $0) != nil && graph.tensorType($0) != nil }.sorted()
    var open = graph
    open.setOutputs(ids)
    let executor = try NativeExecutor(open, threads: threads, code: code)
    var values = Dictionary(uniqueKeysWithValues: zip(ids, try executor.run(inputs)))
    for (id, value) in zip(graph.inputs, inputs) { values[id] = value }
    let moves = ["reorder_", "halo_"]
    var choices: [String: String] = [:]
    for step in executor.program.steps where !step.note.isEmpty && choices[step.node] == nil {
      let kernel = executor.program.kernels[step.kernel].name
      if !moves.contains(where: kernel.hasPrefix) { choices[step.node] = step.note }
    }
    return (values, choices)
  }

  /// An anchor's output in double precision, from what native code gave it to read; nil where that is not at hand.
  private static func reference(
    _ anchor: Anchor, _ graph: Graph, _ wide: Graph, _ values: [ValueID: Value]
  ) throws -> Value? {
    let node = wide[anchor.node]
    var operands: [Value?] = []
    for (plain, read) in zip(graph[anchor.node].inputs, node.inputs) {
      guard let plain, let read else {
        operands.append(nil)
        continue
      }
      let value = graph.constant(plain).map { Value.tensor($0) } ?? values[plain]
      guard let value else { return nil }
      operands.append(wide.tensorType(read)?.element == .f64 ? widened(value) : value)
    }
    do throws(Diagnostic) {
      return try node.op.evaluate(operands, outputCount: node.outputs.count).first
    } catch {
      throw error.located(at: wide.location(of: anchor.node))
    }
  }

  private static func widened(_ value: Value) -> Value {
    guard let tensor = value.tensor, tensor.type == .f32 else { return value }
    return .tensor(Tensor(doubles: tensor.doubles, shape: tensor.shape, type: .f64))
  }
}

extension LayerErrors.Error {
  /// The error of one value; nil where they are no numeric tensors of one shape.
  init?(_ found: Value, _ expected: Value) {
    guard let a = found.tensor, let b = expected.tensor, a.shape == b.shape, a.type.isFloat else {
      return nil
    }
    var (worst, top, errors, squares) = (0.0, 0.0, 0.0, 0.0)
    for (x, y) in zip(a.doubles, b.doubles) where !(x == y || x.isNaN && y.isNaN) || y != 0 {
      let error = x == y || x.isNaN && y.isNaN ? 0 : (x - y).magnitude
      worst = error.isNaN ? .infinity : max(worst, error)
      if y.isFinite {
        top = max(top, y.magnitude)
        squares += y * y
      }
      errors += error * error
    }
    largest = worst
    largestOutput = top
    relative = squares > 0 ? (errors / squares).squareRoot() : errors.squareRoot()
  }
}
