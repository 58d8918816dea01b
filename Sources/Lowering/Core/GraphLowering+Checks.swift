package import Diagnostics
import IR
package import Loops
import Ops
package import Tensors

/// Sizes that have to fit each other: compared now where both are numbers, else when the program runs, before anything
/// is read.
extension GraphLowering {
  /// - Parameter subject: which size it is, for messages.
  /// - Throws: `shape.mismatch` when both are numbers and do not fit.
  package func require(
    _ label: String, _ subject: @autoclosure () -> String, _ size: IndexExpr,
    _ relation: Program.Check.Relation, _ expected: IndexExpr
  ) throws(Diagnostic) {
    if size == expected { return }
    switch relation {
    case .equal:
      guard size.isConstant, expected.isConstant else { break }
      throw misfit(subject(), size, "\(expected)")
    case .equalOrOne:
      if size == 1 { return }
      guard size.isConstant, expected.isConstant else { break }
      throw misfit(subject(), size, "1 or \(expected)")
    case .atMost:
      let room = expected - size
      if let least = room.lowerBound, least >= 0 { return }
      guard let most = room.upperBound, most < 0 else { break }
      throw misfit(subject(), size, "at most \(expected)")
    }
    program.require(
      Program.Check(
        label: label, subject: subject(), size: size, relation: relation, expected: expected))
  }

  private func misfit(_ subject: String, _ size: IndexExpr, _ expected: String) -> Diagnostic {
    Diagnostic("shape.mismatch", "\(subject) is \(size), expected \(expected)")
  }

  /// An operand of elementwise operators: every dimension is the result's or 1.
  ///
  /// - Parameter repeats: false where 1 does not do.
  func requireBroadcast(
    _ value: ValueID, to result: [IndexExpr], repeats: Bool = true, label: String
  ) throws(Diagnostic) {
    let shape = graph.tensorType(value)?.shape ?? []
    let missing = result.count - shape.count
    for (axis, size) in shape.enumerated() {
      let subject = "dimension \(axis) of '\(graph[value].name)'"
      if axis + missing < 0 {
        try require(label, subject, size, .equal, 1)
      } else {
        try require(label, subject, size, repeats ? .equalOrOne : .equal, result[axis + missing])
      }
    }
  }

  /// Kernels hold no values of small and complex types: an operator that does not say how it computes on them has no code.
  ///
  /// - Throws: `lowering.element-type`.
  func requireRegisterTypes(since kernelCount: Int) throws(Diagnostic) {
    for kernel in program.program.kernels.dropFirst(kernelCount) {
      for parameter in kernel.parameters where !parameter.buffer.element.isRegisterType {
        throw .unsupported(
          "lowering.element-type",
          "the operator has no native code for elements of type \(parameter.buffer.element)")
      }
    }
  }

  /// Results lie in memory of a size that is known when the node's steps run: from the sizes of inputs, or from a step
  /// before.
  ///
  /// - Throws: `lowering.open-size` where a model declares a rank that does not follow from anything, with sizes that no
  ///   rule gives a value.
  func requireDefined(_ id: NodeID) throws(Diagnostic) {
    for case let output? in graph[id].outputs {
      guard let shape = places[output]?.first?.shape else { continue }
      for (axis, size) in shape.enumerated() where !areKnown([size]) {
        throw .unsupported(
          "lowering.open-size",
          "dimension \(axis) of '\(graph[output].name)' is \(size), expected a size that follows from those of inputs"
        )
      }
    }
  }

  /// Has sizes of a node's results compared where the graph says something else than the operator's own rule: a model may
  /// declare what is not true for all inputs.
  func requireInferred(_ id: NodeID) throws(Diagnostic) {
    try requireInferred(id, of: graph, inference.context(for: id, in: graph))
    guard let fused = graph[id].op as? Fused else { return }
    let inner = TypeInference()
    for id in fused.body.nodeIDs {
      try requireInferred(id, of: fused.body, inner.context(for: id, in: fused.body))
    }
  }

  private func requireInferred(
    _ id: NodeID, of graph: Graph, _ context: InferenceContext
  ) throws(Diagnostic) {
    let node = graph[id]
    guard let inferred = try? node.op.infer(context) else { return }
    for (output, type) in zip(node.outputs, inferred) {
      guard let output, let own = type.tensor?.shape, let known = graph.tensorType(output)?.shape,
        own.count == known.count
      else { continue }
      for axis in own.indices where own[axis] != known[axis] {
        try require(
          node.name, "dimension \(axis) of '\(graph[output].name)'", own[axis], .equal, known[axis])
      }
    }
  }
}
