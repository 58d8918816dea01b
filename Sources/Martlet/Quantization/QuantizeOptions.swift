import Calibration
import Compression

/// What a user may decide about post-training quantization.
public struct QuantizeOptions: Sendable {
  /// How the range that integers span is chosen.
  public enum Method: String, Sendable, CaseIterable {
    /// Everything that was seen.
    case minmax
    /// Without the outermost elements: 0.01 % of all.
    case percentile
    /// The least divergence of the quantized distribution.
    case entropy
    /// The least mean squared error.
    case mse
    /// Tensor by tensor the one that harms the output least, measured.
    case auto
  }

  public var method = Method.auto
  /// One scale for a whole weight instead of one per output channel.
  public var perTensor = false
  /// Activations as `i8` with zero point 0 instead of `u8`.
  public var symmetric = false
  /// Names of nodes that stay float.
  public var keepFloat: [String] = []
  /// How much damage at the output is accepted; nil for the usual.
  public var budget: Double?
  /// The part of all multiply-accumulates that may stay float.
  public var largestFloatShare = 0.05
  /// A file of statistics to go on with and to keep them in; nil to collect them anew.
  public var statistics: String?
  /// Whether to measure what a report shows beyond what decisions need.
  public var collectsEvidence = false
  /// The most threads to use; 0 for all.
  public var threads = 0
  /// What the code that measures may do.
  public var code = CodeOptions()
  /// What runs the model while it is measured.
  public var engine = Engine.native

  public init() {}

  var compression: QuantizationOptions {
    var options = QuantizationOptions()
    options.method = RangeMethod(method.rawValue)
    options.perTensor = perTensor
    options.symmetric = symmetric
    options.keepFloat = Set(keepFloat)
    options.budget = budget
    options.largestFloatShare = largestFloatShare
    options.collectsEvidence = collectsEvidence
    return options
  }
}
