import IR
import LLVMBackend
import Loops
import Lowering
import Martlet
import Tensors
import TestSupport
import Testing

/// Weights that processors multiply a hundred times slower than others.
@Suite("subnormal weights") struct SubnormalWeightsTests {
  @Test("are zeros in packed constants, and results agree")
  func areZeros() throws {
    var sketch = GraphSketch("subnormal", openness: .fixed)
    var weights = (0..<24 * 16).map { Float($0 % 7) - 3 }
    for place in stride(from: 0, to: weights.count, by: 3) { weights[place] = 0x1p-130 }
    let filters = sketch.constant(Tensor(weights, shape: [24, 16, 1, 1]))
    sketch.finish([try sketch.node("Conv", [sketch.image([1, 16, 6, 6]), filters])])
    let program = try Engines.program(sketch.graph, for: .native())
    let packed = program.constants.entries.map(\.tensor).filter { $0.type == .f32 }
    #expect(packed.contains { $0.shape.reduce(1, *) >= weights.count })
    #expect(packed.allSatisfy { !$0.array(of: Float.self).contains(where: \.isSubnormal) })
    let inputs = sketch.inputs(growth: 0, seed: 3)
    let found = try Engines.native(sketch.graph).run(inputs)
    let expected = try Engines.expected(sketch.graph, inputs)
    for (a, b) in zip(found, expected) {
      #expect(Tolerance.oneOperator(.f32).compare(a, b).mismatch == nil)
    }
  }
}
