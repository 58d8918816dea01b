import Glibc
import Tensors

/// Rounds intermediate results the way a computation in a half precision does; wider types pass through.
package struct HalfRounding {
  /// How many terms of a sum in bf16 are rounded one after the other, as the standard's reference does with all of
  /// them. Blocks are added exactly: rounded throughout, a sum stops growing at 256 times a term.
  package static let blockLength = 32

  private let type: ElementType

  init(_ type: ElementType) { self.type = type }

  /// The nearest value of the half precision, ties to even.
  func callAsFunction(_ value: Double) -> Double {
    type == .f16 || type == .bf16 ? Rounding.round(value, to: type) : value
  }

  /// The softmax of a lane with every step rounded: differences, exponentials, sums, quotients.
  func softmax(_ lane: inout [Double]) {
    let largest = lane.reduce(-.infinity) { $1 > $0 ? $1 : $0 }
    var sum = 0.0
    for start in stride(from: 0, to: lane.count, by: Self.blockLength) {
      var part = 0.0
      for index in start..<min(start + Self.blockLength, lane.count) {
        lane[index] = self(exp(self(lane[index] - largest)))
        part = type == .bf16 ? self(part + lane[index]) : part + lane[index]
      }
      sum += part
    }
    sum = self(sum)
    for index in lane.indices { lane[index] = self(lane[index] / sum) }
  }
}
