import Diagnostics
import IR
import Interpreter
import LLVMBackend
import Loops
import Lowering
import Martlet
import Ops
import Tensors
import TestSupport
import Testing

/// Sizes that are left open at compile time fit when the model runs, or nothing is computed.
@Suite("open sizes") struct OpenSizeTests {
  private typealias Run = ([Tensor]) throws -> [Tensor]

  /// Every way to run a graph, by name.
  private static func engines(_ graph: Graph) throws -> [(name: String, run: Run)] {
    let plain = try Engines.native(graph)
    let passes = try Engines.native(try Engines.optimized(graph), threads: 2)
    let program = try Engines.program(graph, for: .x86v3)
    return [
      ("interpreter", { try Engines.expected(graph, $0) }),
      ("native", { try plain.run($0) }),
      ("native, through the passes", { try passes.run($0) }),
      ("loop interpreter", { try ProgramRunner.run(program, $0) }),
    ]
  }

  @Test(
    "that fit give what the interpreter gives, in the shape worked out by hand",
    arguments: OpenSizeCase.all)
  func fits(open: OpenSizeCase) throws {
    let graph = try open.graph()
    for (name, run) in try Self.engines(graph) {
      for fit in open.fits {
        let inputs = OpenSizeCase.inputs(graph, fit.inputs)
        let expected = try Engines.expected(graph, inputs)
        let found = try run(inputs)
        #expect(found.first?.shape == fit.output, "\(name), \(fit.inputs)")
        for (a, b) in zip(found, expected) {
          #expect(
            Tolerance.oneOperator(b.type).compare(a, b).mismatch == nil, "\(name), \(fit.inputs)")
        }
      }
    }
  }

  @Test("that do not fit are refused with the node and both sizes", arguments: OpenSizeCase.all)
  func misfits(open: OpenSizeCase) throws {
    let graph = try open.graph()
    for (name, run) in try Self.engines(graph) {
      for misfit in open.misfits {
        let inputs = OpenSizeCase.inputs(graph, misfit.inputs)
        let failure = #expect(throws: Diagnostic.self, "\(name), \(misfit.inputs)") {
          try run(inputs)
        }
        let text = failure?.description ?? ""
        if let node = misfit.node { #expect(text.contains("node '\(node)'"), "\(name): \(text)") }
        for number in misfit.numbers {
          #expect(text.contains("\(number)"), "\(name): \(text)")
        }
        // A refused run leaves nothing behind: what fits still does.
        if let fit = open.fits.first {
          #expect(
            try run(OpenSizeCase.inputs(graph, fit.inputs)).first?.shape == fit.output, "\(name)")
        }
      }
    }
  }

  @Test("are not compared where they are equal for all inputs")
  func comparesNothingNeedlessly() throws {
    var sketch = GraphSketch("same")
    let shape: [IndexExpr] = [.symbol("N"), 4]
    let (a, b) = (sketch.input(open: shape), sketch.input(open: shape))
    let sum = try sketch.node("Add", [a, b])
    sketch.finish([try sketch.node("Concat", [sum, a], ["axis": 1])])
    #expect(try Engines.program(sketch.graph, for: .x86v3).checks.isEmpty)
  }

  /// A declaration tells a rank, and no size.
  @Test("that follow from nothing are named")
  func refusesSizesOfNothing() throws {
    let text = """
      graph @g(%x: f32[A, B, C], %axes: i64[1]) {
        %y = Squeeze(%x, %axes) : f32[P, Q]
        return %y
      }
      """
    let graph = try Parser.parse(text, operators: OpCatalog.standard).graph
    let failure = #expect(throws: DiagnosticList.self) {
      try GraphLowering.lower(graph, for: .x86v3)
    }
    #expect(failure?.diagnostics.map(\.id) == ["lowering.open-size"])
    #expect(failure?.diagnostics.first?.description.contains("'y' is P") == true)
  }
}
