import IR
import Tensors

/// What an artefact's self-test replays: inputs that a seed gives again, and what the interpreter made of them.
struct Recording: Sendable {
  /// An input whose elements follow from the seed.
  struct Input: Sendable {
    let type: ElementType
    let shape: [Int]
  }

  struct Output: Sendable {
    let type: ElementType
    let shape: [Int]
    /// The whole output, or some of its elements as a vector.
    let elements: Tensor
    /// Nil when the whole output is kept.
    let sample: OutputSample?
    /// The self-test accepts `|found - recorded| <= absolute + relative |recorded|`.
    let relative: Double
    let absolute: Double
  }

  /// Of `RandomTensors`, from which all inputs come in order.
  let seed: UInt64
  let inputs: [Input]
  let outputs: [Output]

  /// Larger recordings would make the artefact noticeably larger than its weights.
  static let largestByteCount = 16 << 20

  /// - Parameter inputs: what `RandomTensors` makes of the seed.
  ///
  /// Nil when a value is not a tensor of numbers, or when the recording would be too large.
  /// - Parameter isRounded: whether the artefact rounds what it multiplies to bf16.
  init?(seed: UInt64, inputs: [Value], outputs: [Value], isRounded: Bool = false) {
    let tensors = (inputs + outputs).compactMap(\.tensor)
    guard tensors.count == inputs.count + outputs.count,
      tensors.allSatisfy({ $0.type != .string })
    else { return nil }
    self.seed = seed
    self.inputs = tensors.prefix(inputs.count).map { Input(type: $0.type, shape: $0.shape) }
    self.outputs = tensors.dropFirst(inputs.count).enumerated().map { number, tensor in
      let (relative, fraction) = Self.tolerance(tensor.type, isRounded: isRounded)
      let largest = relative > 0 ? OutputSample.Sums(tensor).largestMagnitude : 0
      let sample = OutputSample(of: tensor, seed: UInt64(number) + 1)
      return Output(
        type: tensor.type, shape: tensor.shape, elements: sample?.elements(of: tensor) ?? tensor,
        sample: sample, relative: relative, absolute: fraction * largest)
    }
    guard self.outputs.map(\.elements.byteCount).reduce(0, +) <= Self.largestByteCount else {
      return nil
    }
  }

  /// The agreement line for whole networks, wider for narrower floats.
  private static func tolerance(
    _ type: ElementType, isRounded: Bool
  ) -> (relative: Double, ofLargest: Double) {
    switch type {
    case .f32, .f64, .c64, .c128:
      parts(isRounded ? .wholeRoundedNetwork : .wholeNetwork)
    case .f16: isRounded ? parts(.wholeRoundedNetwork) : (1e-2, 1e-3)
    case .bf16: isRounded ? parts(.wholeRoundedNetwork) : (5e-2, 5e-3)
    default: (0, 0)
    }
  }

  private static func parts(_ tolerance: Tolerance) -> (relative: Double, ofLargest: Double) {
    guard case .network(let relative, let fraction) = tolerance else { return (0, 0) }
    return (relative, fraction)
  }
}
