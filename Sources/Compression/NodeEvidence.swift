package import Calibration
package import Passes

/// What a report shows of one candidate beyond what was decided of it.
package struct NodeEvidence: Sendable {
  /// A computed value that the node reads, and how it is quantized.
  package struct Activation: Sendable {
    package let name: String
    /// Other values with the same scale, in graph order.
    package let shares: [String]
    /// What was seen of all of them together, which the range is chosen from.
    package let statistics: ValueStatistics
    package let parameters: QuantizationParameters
    /// What chose the range.
    package let method: RangeMethod
  }

  /// A constant that the node reads, and how it is quantized.
  package struct Weight: Sendable {
    package let name: String
    package let shape: [Int]
    package let parameters: QuantizationParameters
    package let minimum: Double
    package let maximum: Double
    /// The greatest magnitude of each channel, ascending; one for a whole tensor.
    package let channelMagnitudes: [Double]
    /// What rounding does to its elements.
    package let noise: NoisePower
  }

  package let name: String
  /// The values that its result is seen in, behind the functions that belong to it.
  package let results: [String]
  package let activations: [Activation]
  package let weights: [Weight]
  /// The damage at the output when the node alone is quantized, ranges by one method for all: those that were measured.
  package let methodDamages: [(method: RangeMethod, damage: Double)]
  /// The damage of the node alone when it reads 16 bits; nil where it was not measured.
  package let wideDamage: Double?
  /// At the node's result, behind the function that belongs to it: with this node alone quantized, as it is planned or
  /// to 8 bits where it stays float.
  package internal(set) var isolated = NoisePower()
  /// At the same place with the whole plan carried out.
  package internal(set) var cumulative = NoisePower()
}
