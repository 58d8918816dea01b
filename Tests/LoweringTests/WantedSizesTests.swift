import IR
import Martlet
import Tensors
import TestSupport
import Testing

/// Shapes that are inputs: compiled code takes what the reference takes, and refuses what it refuses.
@Suite("wanted sizes") struct WantedSizesTests {
  private struct Case: Sendable, CustomStringConvertible {
    let op: String
    let own: [Int]
    let wanted: [Int]
    var description: String { "\(op) \(own) to \(wanted)" }
  }

  private static let cases = [
    Case(op: "Reshape", own: [2, 6], wanted: [3, 4]),
    Case(op: "Reshape", own: [2, 6], wanted: [4, -1]),
    Case(op: "Reshape", own: [2, 6], wanted: [0, -1]),
    Case(op: "Reshape", own: [2, 6], wanted: [5, -1]),
    Case(op: "Reshape", own: [2, 6], wanted: [-1, -1]),
    Case(op: "Reshape", own: [2, 6], wanted: [-5, 2]),
    Case(op: "Reshape", own: [2, 6], wanted: [100, 100]),
    Case(op: "Expand", own: [1, 6], wanted: [3, 6]),
    Case(op: "Expand", own: [1, 6], wanted: [1, 1]),
    Case(op: "Expand", own: [1, 6], wanted: [0, 6]),
    Case(op: "Expand", own: [1, 6], wanted: [-4, 6]),
    Case(op: "Expand", own: [1, 6], wanted: [2, 5]),
    Case(op: "Expand", own: [6], wanted: [-1, 6]),
  ]

  @Test("are those of the reference, or refused as there", arguments: cases)
  private func wanted(problem: Case) throws {
    var sketch = GraphSketch(problem.op)
    let x = sketch.input(problem.own, fixed: Set(problem.own.indices))
    let shape = sketch.input([problem.wanted.count], .i64, fixed: [0])
    sketch.finish([try sketch.node(problem.op, [x, shape])])
    let values = (0..<problem.own.elementCount).map { Float($0) }
    let inputs = [
      Tensor(values, shape: problem.own),
      Tensor(problem.wanted.map { Int64($0) }, shape: [problem.wanted.count]),
    ]
    let native = try Engines.native(sketch.graph)
    guard let expected = try? Engines.expected(sketch.graph, inputs) else {
      #expect(throws: (any Error).self) { try native.run(inputs) }
      return
    }
    let found = try native.run(inputs)
    #expect(found.map(\.shape) == expected.map(\.shape))
    for (a, b) in zip(found, expected) { #expect(Tolerance.exact.compare(a, b).mismatch == nil) }
  }
}
