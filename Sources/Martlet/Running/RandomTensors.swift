import Diagnostics
import IR
public import Tensors

/// Reproducible noise: the same seed gives the same tensors everywhere, also in the run-time's `random.c`.
///
/// Source: SplitMix64, Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators".
public struct RandomTensors: Sendable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number in `0..<count`.
  mutating func position(below count: Int) -> Int { Int(next() % UInt64(count)) }

  /// Uniform in `[0, 1)` for floats, all values for bytes, 0 ..< 1000 for wider integers, and fair booleans.
  public mutating func tensor(_ type: ElementType, shape: [Int]) -> Tensor {
    let count = shape.elementCount
    switch type {
    case .string:
      return Tensor(strings: (0..<count).map { _ in "word\(next() % 1000)" }, shape: shape)
    case .bool:
      return Tensor((0..<count).map { _ in next() >> 63 == 1 }, shape: shape)
    case .f32:
      return Tensor((0..<count).map { _ in Float(next() >> 40) * 0x1p-24 }, shape: shape)
    case .c64, .c128:
      let parts = tensor(type == .c64 ? .f32 : .f64, shape: shape + [2])
      return Tensor(type: type, shape: shape, storage: parts.storage)
    default:
      if type.isFloat {
        let values = (0..<count).map { _ in Double(next() >> 11) * 0x1p-53 }
        return Tensor(doubles: values, shape: shape, type: type)
      }
      let limit = type.bitWidth > 8 ? 1000 : UInt64(1) << UInt64(type.bitWidth)
      let values = (0..<count).map { _ in Int(next() % limit) }
      return Tensor(integers: values, shape: shape, type: type)
    }
  }

  /// Noise for an input; symbols without a number in `symbols` become 1 and are noted there.
  ///
  /// - Throws: `run.random-input` for inputs that are not tensors of known rank.
  mutating func value(
    for port: Signature.Port, of source: String, symbols: inout [Symbol: Int]
  ) throws(Diagnostic) -> Value {
    guard let type = port.type.tensor, let shape = type.shape else {
      throw Diagnostic(
        "run.random-input", "no random values of type \(port.type) can be made",
        at: .value(model: source, name: port.name))
    }
    for symbol in shape.flatMap(\.symbols) where symbols[symbol] == nil { symbols[symbol] = 1 }
    let dimensions = shape.map { $0.evaluate { symbols[$0] } ?? 1 }
    return .tensor(tensor(type.element, shape: dimensions))
  }
}
