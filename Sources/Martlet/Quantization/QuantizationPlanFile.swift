public import Diagnostics
import Passes

/// A quantization plan as text: what becomes integers, with which scales, and what stays float and why.
public struct QuantizationPlanFile: Sendable {
  let plan: QuantizationPlan

  init(_ plan: QuantizationPlan) { self.plan = plan }

  /// Reads a plan that `text` wrote, perhaps changed by hand.
  ///
  /// - Throws: `file.read`, `plan.format`.
  public init(contentsOf path: String) throws(Diagnostic) {
    plan = try QuantizationPlan(
      text: String(decoding: try readFile(path), as: UTF8.self), file: path)
  }

  /// The plan, one entry per line.
  public var text: String { plan.text }
}
