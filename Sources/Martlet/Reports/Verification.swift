public import IR
public import Tensors

/// What holding one engine against the reference found.
public struct Verification: Encodable, Sendable {
  /// One value in both engines.
  public struct Comparison: Encodable, Sendable {
    public let name: String
    /// The node that computes it, and its operator; nil for values without one.
    public let node: String?
    public let op: String?
    public let agrees: Bool
    public let largestAbsoluteError: Double
    public let largestRelativeError: Double
    /// Where they differ first, with both numbers; nil when they agree.
    public let mismatch: String?
  }

  /// In the order of the model's outputs.
  public internal(set) var outputs: [Comparison] = []
  /// The first inner value that differs, in the reference's order; nil when none does or none was compared.
  public internal(set) var firstDivergence: Comparison?
  /// How many inner values were compared.
  public internal(set) var innerCount = 0

  public var agrees: Bool { outputs.allSatisfy(\.agrees) }

  /// Compares outputs with what they should be.
  ///
  /// - Precondition: both hold one value for each output.
  public init(
    outputs actual: [Value], expected: [Value], signature: Signature, tolerance: Tolerance
  ) {
    for (port, (actual, expected)) in zip(signature.outputs, zip(actual, expected)) {
      outputs.append(
        Self.compare(actual, expected, name: port.name, node: nil, op: nil, tolerance))
    }
  }

  /// Runs a graph on the reference and on another engine and compares.
  ///
  /// Inner values are compared on a second build of the engine that returns all of them: it may fuse less than the
  /// first, so a divergence that only fusion causes shows in the outputs alone.
  ///
  /// - Parameters:
  ///   - everyValue: compare inner values even when the outputs agree; they are when the outputs do not.
  ///   - build: makes the engine that is checked.
  public init(
    _ graph: Graph, inputs: [Value], tolerance: Tolerance, reference: any Executor,
    everyValue: Bool = false, build: (Graph) throws -> any Executor
  ) throws {
    let signature = Signature(graph)
    let candidate = try build(graph).run(inputs)
    let expected = try reference.run(inputs)
    self.init(outputs: candidate, expected: expected, signature: signature, tolerance: tolerance)
    if everyValue || !agrees { try compareInner(graph, inputs, reference, tolerance, build) }
  }

  private mutating func compareInner(
    _ graph: Graph, _ inputs: [Value], _ reference: any Executor, _ tolerance: Tolerance,
    _ build: (Graph) throws -> any Executor
  ) throws {
    let inner = graph.nodeIDs.flatMap { graph[$0].outputs }.compactMap { $0 }
      .filter { graph.tensorType($0) != nil }
    var open = graph
    open.setOutputs(inner)
    let found = Dictionary(uniqueKeysWithValues: zip(inner, try build(open).run(inputs)))
    var first: Comparison?
    var count = 0
    _ = try reference.run(inputs, taps: Set(inner)) { id, expected in
      guard let actual = found[id] else { return }
      count += 1
      guard first == nil else { return }
      let node = graph.producer(of: id).map { graph[$0] }
      let comparison = Self.compare(
        actual, expected, name: graph[id].name, node: node?.name, op: node?.opName, tolerance)
      if !comparison.agrees { first = comparison }
    }
    firstDivergence = first
    innerCount = count
  }

  static func compare(
    _ actual: Value, _ expected: Value, name: String, node: String?, op: String?,
    _ tolerance: Tolerance
  ) -> Comparison {
    guard let a = actual.tensor, let b = expected.tensor else {
      let agrees = actual.type == expected.type
      return Comparison(
        name: name, node: node, op: op, agrees: agrees, largestAbsoluteError: 0,
        largestRelativeError: 0,
        mismatch: agrees ? nil : "found \(actual.type), expected \(expected.type)")
    }
    let found = tolerance.compare(a, b)
    return Comparison(
      name: name, node: node, op: op, agrees: found.agrees,
      largestAbsoluteError: found.largestAbsoluteError,
      largestRelativeError: found.largestRelativeError, mismatch: found.mismatch)
  }
}
