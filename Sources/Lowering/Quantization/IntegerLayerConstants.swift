import Diagnostics
import Loops
import Ops
import Tensors

/// The constants of a layer of bytes, with zero points taken into weights and bias.
///
/// `B + sum (x - xz)(w - wz)` is `bias + sum x * centred`, where padding of `x` is `xz`. A zero point `xz` that is computed
/// when the model runs is taken off the complete sums: `xz * sum centred`.
struct IntegerLayerConstants {
  /// `w - wz` of type f32, in the shape of the weights.
  let centred: Tensor
  /// One per output channel.
  let bias: [Int32]
  /// Nil for sums that are results as they are.
  let multipliers: [Float]?
  /// Nil where it is computed.
  let inputZero: Int?
  /// The sum of the centred weights of every output channel.
  let weightSums: [Int]
  /// Whether signed bytes hold the weights less their zero points.
  let areSignedBytes: Bool
  /// Whether single precision holds every sum that starts with the bias: 24 bits.
  let areExactAsFloats: Bool
  /// Whether every sum of products, without the bias, is one that minimal filtering in integers gives exactly.
  let areExactWhenFiltered: Bool

  var channels: Int { bias.count }
  var sums: SumConstants {
    SumConstants(bias: .integers(bias), multipliers: multipliers.map { .floats($0) })
  }

  /// Of a node whose weights are input 1, zero points inputs 2 and 3; nil where something else than the input's zero
  /// point is computed when the model runs.
  init?(_ context: NodeLowering, isPerRow: Bool, isMultiplied: Bool) {
    guard let weights = context.constant(1) else { return nil }
    self.init(weights, context, isPerRow: isPerRow, isMultiplied: isMultiplied)
  }

  /// - Parameters:
  ///   - weights: the node's, or those of a part of it, without their zero points taken off.
  ///   - isPerRow: whether output channels are the first axis of the weights, as filters are, rather than the last one,
  ///     as columns are.
  ///   - isMultiplied: whether inputs 4 and 5 are the multiplier and a bias.
  init?(_ weights: Tensor, _ context: NodeLowering, isPerRow: Bool, isMultiplied: Bool) {
    guard weights.rank >= 2, weights.elementCount > 0,
      let zero = Self.inputZero(context), !context.hasInput(3) || context.constant(3) != nil,
      !isMultiplied || context.constant(4) != nil,
      !isMultiplied || !context.hasInput(5) || context.constant(5) != nil
    else { return nil }
    let channels = isPerRow ? weights.shape[0] : weights.shape[weights.rank - 1]
    let perChannel = weights.elementCount / channels
    let points = context.constant(3)?.integers ?? [0]
    guard points.count == 1 || points.count == channels else { return nil }
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
    let own = isMultiplied ? context.constant(5)?.array(of: Int32.self) : nil
    let biases = own.map(spread)
    let bias = sums.indices.map {
      Int32(truncatingIfNeeded: Int(biases?[$0] ?? 0) - (zero.known ?? 0) * sums[$0])
    }
    self.centred = centred
    self.bias = bias
    inputZero = zero.known
    weightSums = sums
    multipliers = isMultiplied ? context.constant(4).map { spread($0.array(of: Float.self)) } : nil
    areSignedBytes = least >= -128 && greatest <= 127
    // Bytes have no sign: a sum is between those of the weights of either sign, times 255.
    areExactWhenFiltered = zip(magnitudes, sums).allSatisfy { magnitude, sum in
      (magnitude + abs(sum)) / 2 * 255 < WinogradTransform.integerLimit
    }
    areExactAsFloats = zip(magnitudes, bias).allSatisfy { $0 * 255 + abs(Int($1)) < 1 << 24 }
  }

  /// The zero point of input 0, a nil one where it is one number that is computed; nil where there are several.
  private static func inputZero(_ context: NodeLowering) -> (known: Int?, Void)? {
    guard context.hasInput(2) else { return (0, ()) }
    guard let shape = try? context.shape(2), shape.allSatisfy({ $0 == 1 }) else { return nil }
    return (context.constant(2)?.integers?.first, ())
  }

  /// The way out for complete sums, what a computed zero point adds to them taken off.
  ///
  /// - Parameter channelAxis: where a position of the result has its output channel.
  func corrected(
    _ sink: Sink, _ context: NodeLowering, channelAxis: Int
  ) throws(Diagnostic) -> Sink {
    if inputZero != nil { return sink }
    let zero = try context.plain(2)
    // Lanes beyond the last channel read zeros.
    let rest = Array(repeating: Int32(0), count: Self.surplusLanes)
    let sums = context.packed(
      Tensor(
        weightSums.map { Int32(truncatingIfNeeded: $0) } + rest, shape: [channels + rest.count]))
    var sink = sink
    sink.adjustment = { builder, position, sum in
      let point = builder.view(zero).load(zero.shape.map { _ in 0 }).converted(to: .i32)
      return sum.minus(point.times(builder.view(sums).load([position[channelAxis]])))
    }
    return sink
  }

  /// More than a block of channels or a panel of filters has.
  private static let surplusLanes = 128
}
