extension QuantizationReport {
  /// A node that could be quantized.
  public struct Layer: Codable, Sendable {
    /// Ranges by one method for everything that the layer reads, and the damage then.
    public struct MethodDamage: Codable, Sendable {
      public let method: String
      public let damage: Double
    }

    public let name: String
    public let op: String
    /// Its place among the layers in the graph's order.
    public let place: Int
    public let multiplyAccumulates: Int
    /// How many bits of what it reads; 32 for float.
    public let bits: Int
    /// Why so many.
    public let reason: String
    /// The damage at the model's output when the layer alone is quantized to 8 bits.
    public let damage: Double
    /// Of the sum of all layers' damages.
    public let damageShare: Double
    /// The same when it reads 16 bits, where that was measured.
    public let wideDamage: Double?
    /// What of it remains as planned: zero in float.
    public let plannedDamage: Double
    /// Signal-to-noise ratio at the layer's result with it alone quantized, and with the whole plan carried out; nil
    /// without any noise. A layer that stays float is quantized to 8 bits for the first.
    public let isolatedDecibels: Double?
    public let cumulativeDecibels: Double?
    /// What the layer takes in the float and in the quantized model; nil where it runs as part of another.
    public let floatMilliseconds: Double?
    public let quantizedMilliseconds: Double?
    public let methodDamages: [MethodDamage]
    /// The greatest of what is added to its biases; nil where they stay as they are.
    public let biasCorrection: Double?
    public let activations: [Activation]
    public let weights: [Weight]
  }

  /// A computed value that a layer reads.
  public struct Activation: Codable, Sendable {
    public let name: String
    /// Other values that have the same scale; what was seen is of all of them together.
    public let sharesScaleWith: [String]
    /// The least and the greatest element that was seen.
    public let minimum: Double
    public let maximum: Double
    /// What the integers reach.
    public let low: Double
    public let high: Double
    public let type: String
    public let scale: Double
    public let zeroPoint: Int
    /// How the range was chosen, and why so.
    public let method: String
    public let reason: String
    public let elementCount: Int
    /// The part of all elements that lie outside of the range.
    public let clippedShare: Double
    /// Whether every element was the same number.
    public let isConstant: Bool
    public let histogram: Counts
  }

  /// How often elements of each size occurred: bars of one width from `low` to `high`, and zeros by themselves.
  public struct Counts: Codable, Sendable {
    public let low: Double
    public let high: Double
    public let counts: [Int]
    public let zeroCount: Int
  }

  /// A constant that a layer reads.
  public struct Weight: Codable, Sendable {
    public let name: String
    public let shape: [Int]
    public let type: String
    /// Along which there is a scale for each channel; nil for one scale.
    public let axis: Int?
    public let minimum: Double
    public let maximum: Double
    /// The least, the quartiles and the greatest of the channels' greatest magnitudes.
    public let channelMagnitudes: [Double]
    public let leastScale: Double
    public let greatestScale: Double
    /// Signal-to-noise ratio of rounding its elements; nil without noise.
    public let decibels: Double?
  }
}
