import Glibc
import Tensors

/// Rounds intermediate results the way a computation in a half precision does; wider types pass through.
struct HalfRounding {
  private let type: ElementType

  init(_ type: ElementType) { self.type = type }

  /// The nearest value of the half precision, ties to even.
  func callAsFunction(_ value: Double) -> Double {
    type == .f16 || type == .bf16 ? Rounding.round(value, to: type) : value
  }

  /// The softmax of a lane with every step rounded: differences, exponentials, the sum, quotients. The sum is not
  /// rounded term by term: in bf16 it would stop growing at 256 times a term.
  func softmax(_ lane: inout [Double]) {
    let largest = lane.reduce(-.infinity) { $1 > $0 ? $1 : $0 }
    var sum = 0.0
    for index in lane.indices {
      lane[index] = self(exp(self(lane[index] - largest)))
      sum += lane[index]
    }
    sum = self(sum)
    for index in lane.indices { lane[index] = self(lane[index] / sum) }
  }
}
