import Ops
import Tensors

/// The constants of a convolution of bytes, with zero points taken into weights and bias.
///
/// `B + sum (x - xz)(w - wz)` is `bias + sum x * centred`, where padding of `x` is `xz`.
struct IntegerConvolutionConstants {
  /// `[M, C / group, k1...kn]` as they are stored.
  let weights: Tensor
  /// `w - wz`, in the order of the weights.
  let centred: [Int]
  /// One per filter.
  let bias: [Int32]
  let multipliers: [Float]
  let inputZero: Int

  var filters: Int { weights.shape[0] }

  /// Nil where something is computed when the model runs.
  ///
  /// - Parameter weights: the number of the weights' input; zero points, multiplier and bias are inputs 2 to 5.
  init?(_ context: NodeLowering, weights index: Int) {
    guard let weights = context.constant(index), let values = weights.integers,
      let inputZero = context.constant(2)?.integers?.first,
      let points = context.constant(3)?.integers, let factors = context.constant(4),
      !context.hasInput(5) || context.constant(5) != nil, weights.shape[0] > 0
    else { return nil }
    let filters = weights.shape[0]
    let perFilter = weights.elementCount / filters
    func spread<T>(_ values: [T]) -> [T] {
      values.count == filters ? values : Array(repeating: values[0], count: filters)
    }
    let zeros = spread(points)
    let centred = values.indices.map { values[$0] - zeros[$0 / perFilter] }
    let own = context.constant(5)?.array(of: Int32.self)
    self.weights = weights
    self.centred = centred
    self.inputZero = inputZero
    multipliers = spread(factors.array(of: Float.self))
    bias = (0..<filters).map { filter in
      let sum = centred[filter * perFilter..<(filter + 1) * perFilter].reduce(0, +)
      return Int32(truncatingIfNeeded: Int(own?[filter] ?? 0) - inputZero * sum)
    }
  }

  /// The weights less their zero points, where signed bytes hold them.
  var signedBytes: ConvolutionWeights? {
    guard centred.allSatisfy({ -128...127 ~= $0 }) else { return nil }
    return ConvolutionWeights(Tensor(centred.map { Float($0) }, shape: weights.shape))
  }

  /// Whether single precision holds every sum that starts with the bias: 24 bits.
  var areExactAsFloats: Bool {
    let perFilter = weights.elementCount / filters
    return (0..<filters).allSatisfy { filter in
      let reach = centred[filter * perFilter..<(filter + 1) * perFilter].reduce(0) {
        $0 + abs($1) * 255
      }
      return reach + abs(Int(bias[filter])) < 1 << 24
    }
  }
}
