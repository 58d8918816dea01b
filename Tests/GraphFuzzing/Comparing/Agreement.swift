package import IR
import Tensors
import TestSupport

/// Holds the outputs of an engine against those of the reference.
package struct Agreement {
  private let expected: [Value]
  private var conditioning: Conditioning

  /// - Parameters:
  ///   - graph: the graph whose evaluation is the reference.
  ///   - expected: its outputs.
  package init(_ graph: Graph, _ inputs: [Value], _ expected: [Value]) {
    self.expected = expected
    conditioning = Conditioning(graph, inputs, expected)
  }

  /// The first thing that differs by more than one operator may be off, and by more than rounding explains.
  package mutating func mismatch(_ found: [Value]) -> String? {
    guard found.count == expected.count else {
      return "found \(found.count) outputs, expected \(expected.count)"
    }
    for (number, (a, b)) in zip(found, expected).enumerated() {
      guard let plain = plainMismatch(a, b) else { continue }
      guard let x = a.tensor, let y = b.tensor, x.type == y.type, Self.isNumeric(x.type) else {
        return "output \(number): \(plain)"
      }
      var reason: String? = plain
      for runs in Self.effort where reason != nil && conditioning.runs < runs {
        conditioning.observe(runs - conditioning.runs)
        reason = excess(x, y, number)
      }
      if conditioning.runs >= Self.effort[0] { reason = excess(x, y, number) }
      if let reason { return "output \(number): \(reason)" }
    }
    return nil
  }

  /// How often the disturbed graph is run: more often before something is called a difference.
  private static let effort = [8, 64]

  private static func isNumeric(_ type: ElementType) -> Bool {
    type != .string && !type.isComplex
  }

  private func plainMismatch(_ a: Value, _ b: Value) -> String? {
    let tolerance = b.tensor.map { Tolerance.oneOperator($0.type) } ?? .exact
    return ValueComparison.mismatch(a, b, tolerance)
  }

  /// The first element that differs by more than its allowance.
  private func excess(_ a: Tensor, _ b: Tensor, _ number: Int) -> String? {
    guard a.shape == b.shape else {
      return conditioning.isOpen(output: number) ? nil : "found \(a.shape), expected \(b.shape)"
    }
    let tolerance = Tolerance.oneOperator(b.type)
    let x = a.doubles
    let y = b.doubles
    for index in x.indices {
      if x[index] == y[index] || (x[index].isNaN && y[index].isNaN) { continue }
      let allowance = conditioning.allowance(output: number, element: index)
      if allowance == .infinity { continue }
      let error = (x[index] - y[index]).magnitude
      if error <= tolerance.bound(at: y[index], b.type) + allowance { continue }
      return
        "element \(index) of \(b.type)\(b.shape): found \(x[index]), expected \(y[index]), of which rounding explains \(allowance)"
    }
    return nil
  }
}

extension Tolerance {
  /// What one element may be off.
  fileprivate func bound(at expected: Double, _ type: ElementType) -> Double {
    guard case .close(let relative, let absolute) = self else { return 0 }
    return relative * expected.magnitude + absolute
  }
}
