import IR
import Tensors

/// What becomes integers in a graph, how, and what stays float and why: everything that `insert-quantization` does is
/// decided here, by name, so that a plan can be written down, compared and changed by hand.
package struct QuantizationPlan: Sendable, Equatable {
  /// What a node computes with.
  package enum Precision: Sendable, Equatable {
    /// Reads values quantized to 8 bits, and constants as quantized constants.
    case integer
    /// Reads computed values quantized to 16 bits, and constants to 8.
    case wide
    /// Reads values as they are; the reason is for people.
    case float(reason: String)
  }

  /// A node's name and its precision.
  package struct NodeEntry: Sendable, Equatable {
    package var name: String
    package var precision: Precision

    package init(name: String, precision: Precision) {
      self.name = name
      self.precision = precision
    }
  }

  /// A value's name, how it is quantized for those of its readers that are integer, and where the range came from.
  package struct ValueEntry: Sendable, Equatable {
    package var name: String
    package var parameters: QuantizationParameters
    package var source: String

    package init(name: String, parameters: QuantizationParameters, source: String = "") {
      self.name = name
      self.parameters = parameters
      self.source = source
    }
  }

  /// A layer's name, and what is added to its bias, one number per output channel.
  package struct BiasEntry: Sendable, Equatable {
    package var name: String
    package var summands: [Float]

    package init(name: String, summands: [Float]) {
      self.name = name
      self.summands = summands
    }
  }

  /// A value's name, and what its channels are divided by before it is quantized.
  package struct MigrationEntry: Sendable, Equatable {
    package var name: String
    /// Positive.
    package var factors: [Float]

    package init(name: String, factors: [Float]) {
      self.name = name
      self.factors = factors
    }
  }

  /// In graph order; they come before everything else.
  package var migrations: [MigrationEntry] = []
  /// In graph order.
  package var nodes: [NodeEntry] = []
  /// Activations and weights, in graph order.
  package var values: [ValueEntry] = []
  /// Corrections of biases, in graph order; only integer nodes heed them.
  package var biases: [BiasEntry] = []

  package init() {}

  /// The precision of every listed node, by name.
  package var precisions: [String: Precision] {
    Dictionary(nodes.map { ($0.name, $0.precision) }) { first, _ in first }
  }

  /// How values are quantized to 8 bits, or to 16, by name; the first entry of a name holds.
  package func parameters(wide: Bool) -> [String: QuantizationParameters] {
    let entries = values.filter { ($0.parameters.type.bitWidth > 8) == wide }
    return Dictionary(entries.map { ($0.name, $0.parameters) }) { first, _ in first }
  }
}
