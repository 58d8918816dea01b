package import Diagnostics
package import IR

/// The attributes that LSTM, GRU and RNN share.
package struct RecurrentForm: Sendable, Hashable {
  package enum Direction: String, Sendable, Hashable, CaseIterable {
    case forward
    case reverse
    case bidirectional
  }

  package var direction: Direction
  package var hiddenSize: Int?
  /// Whether the batch comes before the sequence (`layout` 1).
  package var batchFirst: Bool
  /// Arguments of activations are kept inside `-clip...clip`.
  package var clip: Double?
  /// Names as given; nil for the operator's own.
  package var activationNames: [String]?
  package var alphas: [Double]?
  package var betas: [Double]?

  package var directions: Int { direction == .bidirectional ? 2 : 1 }

  package init(
    direction: Direction = .forward, hiddenSize: Int? = nil, batchFirst: Bool = false,
    clip: Double? = nil, activationNames: [String]? = nil, alphas: [Double]? = nil,
    betas: [Double]? = nil
  ) {
    self.direction = direction
    self.hiddenSize = hiddenSize
    self.batchFirst = batchFirst
    self.clip = clip
    self.activationNames = activationNames
    self.alphas = alphas
    self.betas = betas
  }

  /// - Parameter perDirection: how many activations a cell has.
  /// - Throws: `attribute.activation`, `attribute.count`, `attribute.value`.
  package init(_ attributes: inout AttributeReader, perDirection: Int) throws(Diagnostic) {
    direction = try attributes.choice("direction", default: .forward)
    hiddenSize = try attributes.optionalInt("hidden_size")
    batchFirst = try attributes.flag("layout")
    clip = try attributes.optionalFloat("clip")
    activationNames = try attributes.strings("activations")
    alphas = try attributes.floats("activation_alpha")
    betas = try attributes.floats("activation_beta")
    attributes.ignore("output_sequence")
    if let names = activationNames, names.count != perDirection * directions {
      throw Diagnostic(
        "attribute.count",
        "attribute 'activations' has \(names.count) elements, expected \(perDirection * directions)"
      )
    }
    _ = try RecurrentActivation.list(activationNames ?? [], alphas: alphas, betas: betas)
  }

  package func write(to attributes: inout Attributes) {
    attributes.string("direction", direction.rawValue, default: "forward")
    attributes.int("hidden_size", hiddenSize)
    attributes.flag("layout", batchFirst)
    attributes.float("clip", clip)
    attributes.strings("activations", activationNames)
    attributes.floats("activation_alpha", alphas)
    attributes.floats("activation_beta", betas)
  }

  /// The activations of all directions, one direction after the other.
  package func activations(
    default names: [String]
  ) throws(Diagnostic) -> [RecurrentActivation] {
    let own = activationNames ?? Array(repeating: names, count: directions).flatMap { $0 }
    return try RecurrentActivation.list(own, alphas: alphas, betas: betas)
  }

  /// An argument of an activation, clipped.
  package func clipped(_ x: Double) -> Double {
    clip.map { max(-$0, min($0, x)) } ?? x
  }
}
