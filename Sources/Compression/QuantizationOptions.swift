package import Calibration

/// What a user may decide about post-training quantization.
package struct QuantizationOptions: Sendable {
  /// How ranges are chosen; nil to try them and keep, tensor by tensor, what harms the output least.
  package var method: RangeMethod?
  /// One scale for a whole weight instead of one per output channel.
  package var perTensor = false
  /// Activations as `i8` with zero point 0 instead of `u8`.
  package var symmetric = false
  /// Names of nodes that stay float.
  package var keepFloat: Set<String> = []
  /// How much damage is accepted; nil for the usual bound of the measure that fits the outputs.
  package var budget: Double?
  /// The part of all multiply-accumulates that may stay float.
  package var largestFloatShare = 0.05
  /// Whether to measure what a report shows beyond what decisions need.
  package var collectsEvidence = false

  package init() {}

  /// The mean divergence of class distributions that no accuracy was seen to suffer from.
  static let divergenceBudget = 1e-3
  /// The relative squared error of other outputs: a signal-to-noise ratio of 20 dB.
  static let relativeErrorBudget = 1e-2
}
