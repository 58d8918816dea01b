import Diagnostics
import IR
import Interpreter
import LLVMBackend
import Loops
import Lowering
import Martlet
import Tensors
import TestSupport
import Testing

/// The ways in which a graph is held against the interpreter.
enum Engines {
  /// The instruction sets beside the machine's own.
  static let targets: [Loops.Target] = [.x86v2, .x86v3, .x86v4, .x86v4vnni]

  /// What a graph computes according to the reference.
  static func expected(_ graph: Graph, _ inputs: [Tensor]) throws -> [Tensor] {
    try Interpreter(graph).run(inputs.map { .tensor($0) }).compactMap(\.tensor)
  }

  static func optimized(_ graph: Graph) throws -> Graph {
    var graph = graph
    _ = try Optimizer().run(.compile, on: &graph)
    return graph
  }

  /// Compiled code; the test is skipped, by name, when something in the graph has none yet.
  static func native(
    _ graph: Graph, threads: Int = 1, target: Loops.Target = .native()
  ) throws -> NativeExecutor {
    try skippingWhatIsMissing { try NativeExecutor(graph, threads: threads, target: target) }
  }

  /// The program of a graph; the test is skipped, by name, when something in the graph cannot be lowered yet.
  static func program(_ graph: Graph, for target: Loops.Target) throws -> Program {
    try skippingWhatIsMissing { try GraphLowering.lower(graph, for: target) }
  }

  private static func skippingWhatIsMissing<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let problems as DiagnosticList {
      guard problems.diagnostics.allSatisfy({ $0.severity == .unsupported }) else { throw problems }
      let reason = problems.diagnostics.map(\.description).joined(separator: "; ")
      // The report of a parameterised test does not name the cases that were cancelled.
      print("skipped: \(reason)")
      try Test.cancel("\(reason)")
    }
  }
}

extension Array where Element == Tensor {
  /// Whether both hold the same bytes under the same shapes.
  func isIdentical(to other: [Tensor]) -> Bool {
    count == other.count
      && zip(self, other).allSatisfy { a, b in
        a.shape == b.shape && a.withBytes { a in b.withBytes { b in a.elementsEqual(b) } }
      }
  }
}
