package import Loops
import Tensors

/// What minimal filtering does to the results of a convolution with given weights, from samples.
///
/// A few filters meet one tile of noise (normal, of variance 1) on all their input channels: in f64 product by product, in
/// f32 product by product in one chain, and in f32 by the transforms as they are compiled. Errors of all samples are
/// taken together, so filters count by the size of what they give.
package struct WinogradError: Sendable {
  /// Root mean square errors over the root mean square of the exact results.
  package let filtered: Double
  package let direct: Double

  /// How many times the error of direct convolution minimal filtering may have: two bits.
  ///
  /// Dense filters of random numbers give 0.8 (256 channels) to 2.6 (16 channels) with F(4, 3); filters with few taps that
  /// matter give more, up to where direct convolution is exact: derived in docs/numerics.md.
  package static let largestLoss = 4.0

  /// Filters that are sampled, spread evenly over all.
  package static let sampledFilters = 6

  /// Error over direct convolution's error; infinite where a result is no number.
  package var loss: Double {
    guard filtered.isFinite, direct.isFinite else { return .infinity }
    return filtered == 0 ? 0 : filtered / direct
  }

  package var isAcceptable: Bool { loss <= Self.largestLoss }

  /// - Parameters:
  ///   - terms: products that a tap's position is in: input channels of a group, times taps along other axes.
  ///   - weight: for a filter, a term and a tap in row-major order.
  package init(
    _ transform: WinogradTransform, filters: Int, terms: Int, target: Target,
    weight: (_ filter: Int, _ term: Int, _ tap: Int) -> Float
  ) {
    var errors = Errors()
    guard let runs = Runs(transform, target) else {
      (filtered, direct) = (.infinity, 0)
      return
    }
    let points = transform.points
    var noise = Noise(seed: 1)
    let window = (0..<points * points).map { _ in (0..<terms).map { _ in noise.next() } }
    let inputs = runs.input(window)
    let count = min(filters, Self.sampledFilters)
    for number in 0..<count {
      let filter = (2 * number + 1) * filters / (2 * count)
      let taps = (0..<WinogradTransform.taps * WinogradTransform.taps).map { tap in
        (0..<terms).map { weight(filter, $0, tap) }
      }
      let weights = runs.weights(taps)
      let sums = zip(inputs, weights).map { [Self.chunkedSum($0, $1)] }
      let found = runs.output(sums).map { $0[0] }
      errors.add(found, window, taps, transform)
    }
    (filtered, direct) = errors.relative
  }

  /// The transforms of a square.
  private struct Runs {
    let input: StraightLineRun
    let weights: StraightLineRun
    let output: StraightLineRun

    init?(_ transform: WinogradTransform, _ target: Target) {
      func square(
        _ side: Int, _ line: @escaping ([Expr], inout StraightLine) -> [Expr]
      ) -> StraightLineRun? {
        StraightLineRun(inputs: side * side, KernelBuilder(target: target)) { inputs, code in
          let rows = (0..<side).map { Array(inputs[$0 * side..<($0 + 1) * side]) }
          return Array(code.square(rows, line).joined().map { code.named($0) })
        }
      }
      guard
        let input = square(transform.points, { transform.input($0, &$1) }),
        let weights = square(WinogradTransform.taps, { transform.weights($0, &$1) }),
        let output = square(transform.points, { transform.output($0, &$1) })
      else { return nil }
      (self.input, self.weights, self.output) = (input, weights, output)
    }
  }

  /// The products of a point in chunks whose sums are added, as `WinogradRows` has them.
  private static func chunkedSum(_ x: [Float], _ w: [Float]) -> Float {
    let chunk = 32
    var total: Float = 0
    for first in stride(from: 0, to: x.count, by: chunk) {
      var sum: Float = 0
      for term in first..<min(first + chunk, x.count) { sum.addProduct(w[term], x[term]) }
      total += sum
    }
    return total
  }

  /// Squares of errors and of exact results, added up.
  private struct Errors {
    private var filtered = 0.0
    private var direct = 0.0
    private var exact = 0.0

    /// - Parameters:
    ///   - found: the tile of one filter, row by row.
    ///   - window: `[position of the tile's input][term]`.
    ///   - taps: `[tap][term]`.
    mutating func add(
      _ found: [Float], _ window: [[Float]], _ taps: [[Float]], _ transform: WinogradTransform
    ) {
      let size = WinogradTransform.taps
      for (number, value) in found.enumerated() {
        let (row, column) = (number / transform.outputs, number % transform.outputs)
        var wide = 0.0
        var narrow: Float = 0
        for (tap, weights) in taps.enumerated() {
          let place = (row + tap / size) * transform.points + column + tap % size
          let inputs = window[place]
          for term in weights.indices {
            wide.addProduct(Double(weights[term]), Double(inputs[term]))
            narrow.addProduct(weights[term], inputs[term])
          }
        }
        filtered += (Double(value) - wide) * (Double(value) - wide)
        direct += (Double(narrow) - wide) * (Double(narrow) - wide)
        exact += wide * wide
      }
    }

    var relative: (filtered: Double, direct: Double) {
      exact == 0 ? (filtered, direct) : (root(filtered / exact), root(direct / exact))
    }

    private func root(_ value: Double) -> Double { value.squareRoot() }
  }
}

/// Numbers that are nearly normal, of variance 1: the sum of four uniform ones, from a linear congruential generator
/// (Knuth 1997, section 3.3.4, line 26).
private struct Noise {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> Float {
    var sum: Float = 0
    for _ in 0..<4 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      sum += Float(state >> 40) / 0x1p24 - 0.5
    }
    return sum * Float(3).squareRoot()
  }
}
