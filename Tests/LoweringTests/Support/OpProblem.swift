import Diagnostics
import IR
import Tensors

/// One row of the operator table: a small graph, seeded inputs, and how far a result may lie from the interpreter's.
struct OpProblem: Sendable, CustomStringConvertible {
  let name: String
  /// Nil for `Tolerance.oneOperator` of the output's type.
  let tolerance: Tolerance?
  /// What may be left open without the case's own numbers becoming wrong.
  let opens: Set<Openness>
  /// Adds nodes and returns the graph's outputs.
  let build: @Sendable (inout GraphSketch) throws -> [ValueID]

  init(
    _ name: String, tolerance: Tolerance? = nil, opens: Set<Openness> = [.batch, .open],
    _ build: @escaping @Sendable (inout GraphSketch) throws -> [ValueID]
  ) {
    self.name = name
    self.tolerance = tolerance
    self.opens = opens
    self.build = build
  }

  var description: String { name }

  func sketch(_ openness: Openness) throws -> GraphSketch {
    var sketch = GraphSketch(name, openness: openness)
    sketch.finish(try build(&sketch))
    return sketch
  }

  /// What differs first; nil when all outputs agree.
  func mismatch(_ found: [Tensor], _ expected: [Tensor]) -> String? {
    if found.count != expected.count {
      return "found \(found.count) outputs, expected \(expected.count)"
    }
    for (index, (a, b)) in zip(found, expected).enumerated() {
      let tolerance = tolerance ?? .oneOperator(b.type)
      if let mismatch = tolerance.compare(a, b).mismatch { return "output \(index): \(mismatch)" }
    }
    return nil
  }

  /// The whole table.
  static let all: [OpProblem] =
    convolutions + minimalFiltering + transposedConvolutions + products + pools + normalizations
    + reductions
    + elementwise + movements + samplings + attentions + recurrents + chains + channelParts
    + integerLayers + transposedIntegerLayers + quantizers + selections + openImages
    + openSequences + signals
}
