public import Diagnostics
public import IR
public import Tensors

/// Several operators that run as one loop nest: at most one anchor, followed by elementwise operators.
///
/// - Inputs: what the body's inputs read, in their order. Output: the body's one output.
/// - Attribute: `body`, the graph of the operators that have been fused.
/// - Source: Martlet's own; its meaning is that of its body, run operator by operator.
public struct Fused: Retyped {
  public static let schema = OpSchema(
    "Fused", domain: "martlet", versions: [1], inputs: [.variadic("inputs", "", minimum: 0)],
    outputs: [.variadic("outputs", "")])

  public let body: Graph

  public init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    guard let body = try attributes.graph("body") else { throw attributes.missing("body") }
    self.body = body
  }

  package init(body: Graph) { self.body = body }

  public var attributes: Attributes {
    Attributes { $0["body"] = .graph(body) }
  }

  public func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    body.outputs.map { body[$0].type }
  }

  public func retyped(for context: InferenceContext) throws(Diagnostic) -> any Op {
    var body = body
    for case let (input, type?) in zip(body.inputs, context.types) { body.setType(input, type) }
    var inference = TypeInference()
    do throws(Diagnostic) {
      try inference.run(on: &body)
    } catch {
      if error.severity != .error { throw error }
      return self
    }
    return Fused(body: body)
  }

  public func evaluate(_ inputs: [Value?], outputCount: Int) throws(Diagnostic) -> [Value] {
    var values: [ValueID: Value] = [:]
    for (id, value) in zip(body.inputs, inputs) { values[id] = value }
    func value(_ id: ValueID) -> Value? {
      values[id] ?? body.constant(id).map { .tensor($0) }
    }
    for id in body.nodeIDs {
      let node = body[id]
      let results = try node.op.evaluate(
        node.inputs.map { $0.flatMap(value) }, outputCount: node.outputs.count)
      for (output, result) in zip(node.outputs, results) {
        if let output { values[output] = result }
      }
    }
    return try body.outputs.map { id throws(Diagnostic) in
      guard let result = value(id) else {
        throw .internal("fused.output", "a fused region does not compute '\(body[id].name)'")
      }
      return result
    }
  }

  public func multiplyAccumulates(_ context: InferenceContext) -> IndexExpr {
    let inference = TypeInference()
    return body.nodeIDs.reduce(0) {
      $0 + body[$1].op.multiplyAccumulates(inference.context(for: $1, in: body))
    }
  }
}
