import Diagnostics
import Foundation
import IR
import Martlet
import Tensors
import TestSupport
import Testing

/// Random graphs through all passes, compiled, against the interpreter.
///
/// `MARTLET_RANDOM_GRAPHS=FROM..<TO` runs other seeds than the usual ones. A failure prints the seed, the smallest
/// number of steps at which it shows, and that graph.
@Suite("random graphs") struct RandomGraphTests {
  private static let seeds: Range<UInt64> = {
    let wanted = ProcessInfo.processInfo.environment["MARTLET_RANDOM_GRAPHS"] ?? ""
    let ends = wanted.components(separatedBy: "..<").compactMap { UInt64($0) }
    return ends.count == 2 && ends[0] < ends[1] ? ends[0]..<ends[1] : 0..<60
  }()
  private static let nodeCount = 12

  @Test("agree with the interpreter", arguments: seeds)
  func agrees(seed: UInt64) throws {
    guard let failure = try failure(seed, Self.nodeCount) else { return }
    for count in 1..<Self.nodeCount {
      if let smaller = try self.failure(seed, count) {
        Issue.record("seed \(seed), \(count) steps: \(smaller)")
        return
      }
    }
    Issue.record("seed \(seed): \(failure)")
  }

  /// What differs; nil when everything agrees.
  private func failure(_ seed: UInt64, _ nodeCount: Int) throws -> String? {
    let sketch = try RandomGraph.make(seed: seed, nodeCount: nodeCount)
    let inputs = sketch.inputs(growth: 0, seed: seed)
    let text = { Printer.print(sketch.graph, constants: .listing) }
    do {
      let expected = try Engines.expected(sketch.graph, inputs)
      let executor = try Engines.native(try Engines.optimized(sketch.graph), threads: 2)
      // Twice: the second run finds the first one's leftovers in its memory.
      for _ in 0..<2 {
        let found = try executor.run(inputs)
        for (index, (a, b)) in zip(found, expected).enumerated() {
          if let mismatch = Tolerance.wholeNetwork.compare(a, b).mismatch {
            return "output \(index): \(mismatch)\n\(text())"
          }
        }
      }
      return nil
    } catch let error as Diagnostic {
      return "\(error)\n\(text())"
    } catch let problems as DiagnosticList {
      return "\(problems)\n\(text())"
    }
  }
}
