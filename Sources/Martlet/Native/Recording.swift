import IR
import Tensors

/// Inputs, and what the interpreter made of them: what an artefact's self-test replays.
struct Recording: Sendable {
  struct Output: Sendable {
    let tensor: Tensor
    /// The self-test accepts `|found - recorded| <= absolute + relative |recorded|`.
    let relative: Double
    let absolute: Double
  }

  let inputs: [Tensor]
  let outputs: [Output]

  /// Larger recordings would make the artefact noticeably larger than its weights.
  static let largestByteCount = 16 << 20

  /// Nil when a value is not a tensor of numbers, or when the recording would be too large.
  init?(inputs: [Value], outputs: [Value]) {
    let tensors = (inputs + outputs).compactMap(\.tensor)
    guard tensors.count == inputs.count + outputs.count,
      tensors.allSatisfy({ $0.type != .string }),
      tensors.map(\.byteCount).reduce(0, +) <= Self.largestByteCount
    else { return nil }
    self.inputs = Array(tensors.prefix(inputs.count))
    self.outputs = tensors.dropFirst(inputs.count).map { tensor in
      let relative = Self.relativeTolerance(tensor.type)
      let largest =
        relative > 0 ? tensor.doubles.lazy.filter(\.isFinite).map(\.magnitude).max() ?? 0 : 0
      return Output(tensor: tensor, relative: relative, absolute: relative / 10 * largest)
    }
  }

  /// The agreement line for whole networks in float32 (`Tolerance.wholeNetwork`), wider for narrower floats.
  private static func relativeTolerance(_ type: ElementType) -> Double {
    switch type {
    case .f32, .f64, .c64, .c128: 1e-3
    case .f16: 1e-2
    case .bf16: 5e-2
    default: 0
    }
  }
}
