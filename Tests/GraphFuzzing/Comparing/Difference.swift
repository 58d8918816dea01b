import Diagnostics
import IR
import Interpreter
import LLVMBackend
package import Loops
import Martlet
import Tensors
import TestSupport

/// What an engine does otherwise than the reference.
package struct Difference: Sendable, CustomStringConvertible {
  /// Who differs.
  package enum Engine: Sendable, Hashable, CustomStringConvertible {
    /// The graph as it comes back from a file.
    case file
    /// The interpreter, which refuses what it has computed before, or finds something else.
    case interpreter
    /// Machine code for a target.
    case native(String)
    /// The same machine code on two threads.
    case threads
    case onnxruntime

    package var description: String {
      switch self {
      case .file: "the graph after a file"
      case .interpreter: "the interpreter"
      case .native(let target): "native code (\(target))"
      case .threads: "native code on two threads"
      case .onnxruntime: "onnxruntime"
      }
    }
  }

  package let engine: Engine
  package let message: String

  package var description: String { "\(engine): \(message)" }
}

/// Runs a case on every engine.
package struct DifferenceSearch {
  /// The targets of machine code, each of which this machine can run.
  package var targets = Self.allTargets
  package var onnxruntime: OnnxRuntime?
  /// How many cases native code could not be made of, by what it lacks.
  package private(set) var unsupported: [String: Int] = [:]

  package init(onnxruntime: OnnxRuntime? = nil) { self.onnxruntime = onnxruntime }

  package static let allTargets = [Loops.Target.native()] + Loops.Target.named.filter(\.runsHere)

  /// The first difference; nil when everything agrees.
  ///
  /// - Parameter engine: asks this one alone; nil asks all.
  package mutating func difference(_ fuzzed: FuzzCase, _ engine: Difference.Engine? = nil)
    -> Difference?
  {
    let expected: [Value]
    do {
      expected = try Interpreter(fuzzed.graph).run(fuzzed.inputs)
    } catch {
      return Difference(engine: .interpreter, message: "\(error)")
    }
    if engine == nil || engine == .file, let found = fileDifference(fuzzed, expected) {
      return found
    }
    if engine == nil || engine == .onnxruntime, let found = peerDifference(fuzzed, expected) {
      return found
    }
    switch engine {
    case nil, .native, .threads: return nativeDifference(fuzzed, engine)
    default: return nil
    }
  }

  /// A model file means the graph that it was written from.
  private func fileDifference(_ fuzzed: FuzzCase, _ expected: [Value]) -> Difference? {
    do {
      let found = try Interpreter(try fuzzed.throughFile()).run(fuzzed.inputs)
      for (number, (a, b)) in zip(found, expected).enumerated() {
        if let mismatch = ValueComparison.mismatch(a, b, .exact) {
          return Difference(engine: .file, message: "output \(number): \(mismatch)")
        }
      }
      return nil
    } catch {
      return Difference(engine: .file, message: "\(error)")
    }
  }

  // MARK: Native code

  private mutating func nativeDifference(_ fuzzed: FuzzCase, _ engine: Difference.Engine?)
    -> Difference?
  {
    var current = Difference.Engine.native(targets[0].name)
    do {
      let reference = try fuzzed.graph.reference()
      let expected = try Interpreter(reference).run(fuzzed.inputs)
      var agreement = Agreement(reference, fuzzed.inputs, expected)
      let graph = try fuzzed.settings.optimized(fuzzed.graph)
      for target in targets {
        current = .native(target.name)
        if let engine, engine != current, engine != .threads { continue }
        let found = try run(graph, fuzzed, target, threads: 1)
        if let mismatch = agreement.mismatch(found) {
          return Difference(engine: current, message: mismatch)
        }
        if target == targets[0] {
          current = .threads
          let shared = try run(graph, fuzzed, target, threads: 2)
          if !zip(found, shared).allSatisfy({ Self.areIdentical($0, $1) }) {
            return Difference(engine: .threads, message: "two threads give other bits than one")
          }
        }
      }
      return nil
    } catch let problems as DiagnosticList
      where problems.diagnostics.allSatisfy({ $0.severity == .unsupported })
    {
      for problem in problems.diagnostics { unsupported[problem.message, default: 0] += 1 }
      return nil
    } catch {
      return Difference(engine: current, message: "\(error)")
    }
  }

  /// The outputs of the second of two runs, which finds the first one's leftovers in its memory.
  private func run(
    _ graph: Graph, _ fuzzed: FuzzCase, _ target: Loops.Target, threads: Int
  ) throws -> [Value] {
    let executor = try NativeExecutor(
      graph, threads: threads, target: target, code: fuzzed.settings.code)
    let inputs = fuzzed.inputs.compactMap(\.tensor)
    _ = try executor.run(inputs)
    return try executor.run(inputs).map { .tensor($0) }
  }

  private static func areIdentical(_ a: Value, _ b: Value) -> Bool {
    guard let a = a.tensor, let b = b.tensor else { return false }
    return a.shape == b.shape && a.hasEqualBytes(b)
  }

  // MARK: onnxruntime

  private func peerDifference(_ fuzzed: FuzzCase, _ expected: [Value]) -> Difference? {
    guard let onnxruntime else { return nil }
    do {
      guard let (shown, found) = try onnxruntime.outputs(of: fuzzed) else { return nil }
      let expected = try Interpreter(shown.graph).run(shown.inputs)
      var agreement = Agreement(shown.graph, shown.inputs, expected)
      return agreement.mismatch(found).map { Difference(engine: .onnxruntime, message: $0) }
    } catch {
      return Difference(engine: .onnxruntime, message: "\(error)")
    }
  }
}
