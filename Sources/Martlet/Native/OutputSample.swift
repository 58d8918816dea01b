import Tensors

/// What a recording keeps of a large output: elements at random positions, and sums over all of them.
struct OutputSample: Sendable {
  /// Sums over the finite numbers of a tensor; complex numbers are two.
  struct Sums: Sendable, Hashable {
    private(set) var finiteCount = 0
    private(set) var sum = 0.0
    private(set) var magnitudeSum = 0.0
    private(set) var largestMagnitude = 0.0

    init(_ tensor: Tensor) {
      if tensor.type == .f32 {
        tensor.withSpan(of: Float.self) { span in
          for index in span.indices { add(Double(span[index])) }
        }
      } else {
        for number in Self.numbers(tensor).doubles { add(number) }
      }
    }

    private mutating func add(_ number: Double) {
      guard number.isFinite else { return }
      finiteCount += 1
      sum += number
      magnitudeSum += number.magnitude
      largestMagnitude = max(largestMagnitude, number.magnitude)
    }

    private static func numbers(_ tensor: Tensor) -> Tensor {
      switch tensor.type {
      case .c64: Tensor(type: .f32, shape: tensor.shape + [2], storage: tensor.storage)
      case .c128: Tensor(type: .f64, shape: tensor.shape + [2], storage: tensor.storage)
      default: tensor
      }
    }
  }

  /// The most elements that are kept: where more than one in a thousand are wrong, chances are 98 in 100 that some of
  /// these are.
  static let largestCount = 4096

  /// Of the stream that the positions come from.
  let seed: UInt64
  let count: Int
  let sums: Sums

  /// Nil when the whole tensor is to be kept: it is small, several of its elements share a byte, or sums overflow.
  init?(of tensor: Tensor, seed: UInt64) {
    guard tensor.elementCount > Self.largestCount, tensor.type.bitWidth >= 8 else { return nil }
    self.seed = seed
    count = Self.largestCount
    sums = Sums(tensor)
    guard sums.magnitudeSum.isFinite else { return nil }
  }

  /// The elements at the sample's positions, in their order.
  func elements(of tensor: Tensor) -> Tensor {
    let size = tensor.type.bitWidth / 8
    var random = RandomTensors(seed: seed)
    return Tensor(type: tensor.type, shape: [count]) { elements in
      tensor.withBytes { bytes in
        for number in 0..<count {
          let from = random.position(below: tensor.elementCount) * size
          UnsafeMutableRawBufferPointer(rebasing: elements[number * size..<(number + 1) * size])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[from..<from + size]))
        }
      }
    }
  }
}
