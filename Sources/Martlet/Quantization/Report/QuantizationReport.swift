/// Everything that quantization decided of a model, why, and what it does: what the JSON file holds and the page shows.
///
/// The form is documented in docs/quantization.md. What is unknown is left out.
public struct QuantizationReport: Codable, Sendable {
  /// The form of the file.
  public static let currentVersion = 1

  /// How many samples were looked at, and for what.
  public struct Samples: Codable, Sendable {
    /// For ranges.
    public let ranges: Int
    /// For the damage and the signal-to-noise ratios of single layers.
    public let layers: Int
  }

  /// Bytes of all constants.
  public struct WeightBytes: Codable, Sendable {
    public let float: Int
    public let quantized: Int
  }

  /// Times of whole runs, both models in turns.
  public struct Times: Codable, Sendable {
    public let threads: Int
    /// Medians.
    public let floatMilliseconds: Double
    public let quantizedMilliseconds: Double
    /// The quantized model's time over the float model's, with its 95 % confidence interval.
    public let ratio: Double
    public let ratioLow: Double
    public let ratioHigh: Double
    /// Of the quantized model's profile: steps that belong to no layer, such as quantizing and moving values.
    public let elsewhereMilliseconds: Double
  }

  /// A node that moves values between layers.
  public struct Move: Codable, Sendable {
    public let name: String
    /// Why it moves floats; nil where it moves integers.
    public let floatReason: String?
  }

  /// A value whose channels were divided by factors, so that they share a range better.
  public struct Scaling: Codable, Sendable {
    public let name: String
    public let channelCount: Int
    public let leastFactor: Double
    public let greatestFactor: Double
  }

  public let version: Int
  /// What wrote it.
  public let producer: String
  /// The float model's file.
  public let model: String
  /// `kl-divergence` of class distributions, or `relative-error` of other outputs.
  public let measure: String
  /// How ranges were to be chosen; `auto` for the least damage, tensor by tensor.
  public let method: String
  public let budget: Double
  /// With the plan carried out, measured.
  public let damage: Double
  /// The sum of the integer layers' own damages.
  public let predictedDamage: Double
  /// With everything quantized to 8 bits that can be, measured.
  public let damageOfAll: Double
  public let samples: Samples
  /// Of all layers.
  public let multiplyAccumulates: Int
  /// The parts of them that are done in integers, and in integers of 16 bits.
  public let integerShare: Double
  public let wideShare: Double
  public let weightBytes: WeightBytes
  /// Nil where one of the models has no native code.
  public let times: Times?
  /// The layer with the greatest damage first.
  public let layers: [Layer]
  public let moves: [Move]
  public let scalings: [Scaling]
}
