import Loops
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

  /// What convolutions multiply; sums, and everything else, are `f32`.
  public enum Precision: String, Sendable, Hashable, CaseIterable {
    case f32
    /// Inputs and weights rounded to bf16, where the target has instructions for it and it is faster.
    case bf16
  }

  public var winograd = Winograd.auto
  public var precision = Precision.f32
  /// Where kernels are kept that have been compiled; nil compiles all. The code is the same either way.
  public var cache: KernelCacheFolder?

  /// Kernels that were measured to be faster than the cost model's; nil takes the model's word.
  public var tuning: TuningDatabase?

  public init() {}

  func lowering(for target: Loops.Target) -> LoweringOptions {
    LoweringOptions(
      winograd: .init(rawValue: winograd.rawValue) ?? .auto,
      precision: .init(rawValue: precision.rawValue) ?? .f32,
      rows: tuning?.rows(for: target.cpu) ?? [:])
  }
}
