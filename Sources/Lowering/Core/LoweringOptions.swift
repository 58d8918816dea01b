/// What a user may decide about the code that a graph becomes.
package struct LoweringOptions: Hashable, Sendable {
  /// Which minimal filtering algorithms 3 by 3 convolutions may use.
  package enum Winograd: String, Hashable, Sendable, CaseIterable {
    /// None: every product is computed.
    case off
    /// F(2 x 2, 3 x 3) where it is faster; as exact as direct convolution.
    case two = "2"
    /// F(4 x 4, 3 x 3) where it is faster.
    case four = "4"
    /// Whichever is faster.
    case auto
  }

  /// What products are computed from; sums are always `f32`.
  package enum Precision: String, Hashable, Sendable, CaseIterable {
    case f32
    /// Inputs and weights rounded to bf16 where the target multiplies those faster.
    case bf16
  }

  package var winograd: Winograd
  package var precision: Precision
  /// Names of rows that are to be taken for problems, where they claim them; see `KernelChoice`.
  package var rows: [String: String]

  package init(
    winograd: Winograd = .auto, precision: Precision = .f32, rows: [String: String] = [:]
  ) {
    self.winograd = winograd
    self.precision = precision
    self.rows = rows
  }
}

extension LoweringOptions.Winograd {
  /// The algorithms that may be chosen from.
  var transforms: [WinogradTransform] {
    switch self {
    case .off: []
    case .two: [.f2]
    case .four: [.f4]
    case .auto: [.f4, .f2]
    }
  }
}
