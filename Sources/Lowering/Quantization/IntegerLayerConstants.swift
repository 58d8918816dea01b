import Ops
import Tensors

/// The constants of a layer of bytes, with zero points taken into weights and bias.
///
/// `B + sum (x - xz)(w - wz)` is `bias + sum x * centred`, where padding of `x` is `xz`.
struct IntegerLayerConstants {
  /// `w - wz` of type f32, in the shape of the weights.
  let centred: Tensor
  /// One per output channel.
  let bias: [Int32]
  let multipliers: [Float]
  let inputZero: Int
  /// Whether signed bytes hold the weights less their zero points.
  let areSignedBytes: Bool
  /// Whether single precision holds every sum that starts with the bias: 24 bits.
  let areExactAsFloats: Bool
  /// Whether every sum of products, without the bias, is one that minimal filtering in integers gives exactly.
  let areExactWhenFiltered: Bool

  var channels: Int { bias.count }
  var sums: SumConstants {
    SumConstants(bias: .integers(bias), multipliers: .floats(multipliers))
  }

  /// Of a node whose weights are input 1, zero points, multiplier and bias inputs 2 to 5; nil where something is computed
  /// when the model runs.
  ///
  /// - Parameter isPerRow: whether output channels are the first axis of the weights, as filters are, rather than the
  ///   last one, as columns are.
  init?(_ context: NodeLowering, isPerRow: Bool) {
    guard let weights = context.constant(1), weights.rank >= 2,
      let inputZero = context.constant(2)?.integers?.first,
      let points = context.constant(3)?.integers, let factors = context.constant(4),
      !context.hasInput(5) || context.constant(5) != nil, weights.elementCount > 0
    else { return nil }
    let channels = isPerRow ? weights.shape[0] : weights.shape[weights.rank - 1]
    let perChannel = weights.elementCount / channels
    func spread<T>(_ values: [T]) -> [T] {
      values.count == channels ? values : Array(repeating: values[0], count: channels)
    }
    let zeros = spread(points).map { Float($0) }
    let raw = weights.converted(to: .f32)
    var least: Float = 0
    var greatest: Float = 0
    var sums = Array(repeating: 0, count: channels)
    var magnitudes = sums
    let centred = raw.withSpan(of: Float.self) { values in
      Tensor(
        values.indices.map { index -> Float in
          let channel = isPerRow ? index / perChannel : index % channels
          let value = values[index] - zeros[channel]
          (least, greatest) = (min(least, value), max(greatest, value))
          sums[channel] += Int(value)
          magnitudes[channel] += Int(abs(value))
          return value
        }, shape: weights.shape)
    }
    let own = (context.constant(5)?.array(of: Int32.self)).map(spread)
    let bias = sums.indices.map {
      Int32(truncatingIfNeeded: Int(own?[$0] ?? 0) - inputZero * sums[$0])
    }
    self.centred = centred
    self.inputZero = inputZero
    self.bias = bias
    multipliers = spread(factors.array(of: Float.self))
    areSignedBytes = least >= -128 && greatest <= 127
    areExactWhenFiltered = magnitudes.allSatisfy { $0 * 255 < WinogradTransform.integerLimit }
    areExactAsFloats = zip(magnitudes, bias).allSatisfy { $0 * 255 + abs(Int($1)) < 1 << 24 }
  }
}
