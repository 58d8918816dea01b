import Compression
public import Diagnostics

/// What the search for a quantization plan found.
public struct QuantizationOutcome: Sendable {
  let result: QuantizationResult

  /// What was decided.
  public var plan: QuantizationPlanFile { QuantizationPlanFile(result.plan) }

  /// A warning for every value that was the same number throughout.
  public var warnings: DiagnosticList { result.warnings }

  /// What was decided and measured, in short.
  public var summary: QuantizationSummary { QuantizationSummary(result) }
}
