import Glibc

/// The 32-bit Mersenne Twister with 53-bit uniform and polar normal variates, as NumPy's `RandomState` draws them.
///
/// With one seed a model draws what the standard's reference implementation draws.
///
/// Source: Matsumoto and Nishimura 1998, doi:10.1145/272991.272995; Marsaglia's polar method, doi:10.1137/1006063.
struct MersenneTwister {
  private var state: [UInt32]
  private var position: Int
  private var spare: Double?

  init(seed: UInt32) {
    state = [seed]
    state.reserveCapacity(624)
    for index in 1..<624 {
      let last = state[index - 1]
      state.append(1_812_433_253 &* (last ^ (last >> 30)) &+ UInt32(index))
    }
    position = 624
  }

  /// A generator for an operator's seed; without one, a different generator every time.
  init(seed: Double?) {
    guard let seed else {
      self.init(seed: UInt32.random(in: 0...UInt32.max))
      return
    }
    let whole = Int64(exactly: seed.rounded(.towardZero)) ?? Int64(bitPattern: seed.bitPattern)
    self.init(seed: UInt32(truncatingIfNeeded: whole))
  }

  mutating func next() -> UInt32 {
    if position == 624 { refill() }
    var word = state[position]
    position += 1
    word ^= word >> 11
    word ^= (word << 7) & 0x9d2c_5680
    word ^= (word << 15) & 0xefc6_0000
    return word ^ (word >> 18)
  }

  private mutating func refill() {
    for index in 0..<624 {
      let mixed = (state[index] & 0x8000_0000) | (state[(index + 1) % 624] & 0x7fff_ffff)
      let twisted = (mixed >> 1) ^ (mixed & 1 == 0 ? 0 : 0x9908_b0df)
      state[index] = state[(index + 397) % 624] ^ twisted
    }
    position = 0
  }

  /// A number in `0..<1` with 53 random bits.
  mutating func uniform() -> Double {
    let high = Double(next() >> 5)
    let low = Double(next() >> 6)
    return (high * 0x1p26 + low) / 0x1p53
  }

  /// A number from the normal distribution with mean 0 and deviation 1.
  mutating func normal() -> Double {
    if let number = spare {
      spare = nil
      return number
    }
    while true {
      let x = 2 * uniform() - 1
      let y = 2 * uniform() - 1
      let square = x * x + y * y
      guard square < 1, square != 0 else { continue }
      let factor = (-2 * log(square) / square).squareRoot()
      spare = factor * x
      return factor * y
    }
  }
}
