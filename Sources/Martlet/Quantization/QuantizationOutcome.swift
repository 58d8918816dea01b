import Compression

/// What the search for a quantization plan found.
public struct QuantizationOutcome: Sendable {
  let result: QuantizationResult

  /// What was decided.
  public var plan: QuantizationPlanFile { QuantizationPlanFile(result.plan) }

  /// What was decided and measured, in short.
  public var summary: QuantizationSummary { QuantizationSummary(result) }
}
