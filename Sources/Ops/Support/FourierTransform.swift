import Glibc

/// The discrete Fourier transform of a lane of complex numbers, straight from its definition.
struct FourierTransform {
  let length: Int
  private let cosines: [Double]
  private let sines: [Double]

  init(length: Int) {
    self.length = length
    let turn = 2 * Double.pi / Double(max(length, 1))
    cosines = (0..<length).map { cos(turn * Double($0)) }
    sines = (0..<length).map { sin(turn * Double($0)) }
  }

  /// `sum over n of x[n] * exp(-+2 pi i k n / length)` for the first `count` frequencies; the inverse divides by the
  /// length.
  func callAsFunction(
    _ x: [(re: Double, im: Double)], count: Int, inverse: Bool = false
  ) -> [(re: Double, im: Double)] {
    let sign = inverse ? 1.0 : -1.0
    let factor = inverse ? 1 / Double(max(length, 1)) : 1
    return (0..<count).map { k in
      var re = 0.0
      var im = 0.0
      var angle = 0
      for value in x.prefix(length) {
        let c = cosines[angle]
        let s = sign * sines[angle]
        re += value.re * c - value.im * s
        im += value.re * s + value.im * c
        angle = (angle + k) % length
      }
      return (re * factor, im * factor)
    }
  }
}
