import Lowering

/// What a user may decide about generated code, whether it is compiled ahead of time or run in this process.
public struct CodeOptions: Sendable, Hashable {
  /// Which minimal filtering algorithms 3 by 3 convolutions of stride 1 may use.
  ///
  /// They need fewer multiplications; against float64 both round less than direct convolution where that was measured
  /// (docs/decisions/0005-winograd.md).
  public enum Winograd: String, Sendable, Hashable, CaseIterable {
    case off
    /// F(2 x 2, 3 x 3) where it is faster.
    case two = "2"
    /// F(4 x 4, 3 x 3) where it is faster.
    case four = "4"
    /// The fastest.
    case auto
  }

  public var winograd = Winograd.auto
  /// Where kernels are kept that have been compiled; nil compiles all. The code is the same either way.
  public var cache: KernelCacheFolder?

  public init() {}

  var lowering: LoweringOptions {
    let algorithms: LoweringOptions.Winograd =
      switch winograd {
      case .off: .off
      case .two: .two
      case .four: .four
      case .auto: .auto
      }
    return LoweringOptions(winograd: algorithms)
  }
}
