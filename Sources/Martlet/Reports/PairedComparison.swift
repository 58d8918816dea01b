/// Several runs in turns, so that a machine whose speed drifts slows all of them alike.
public struct PairedComparison: Encodable, Sendable {
  /// One against the first.
  public struct Ratio: Encodable, Sendable {
    /// Its median time over the first one's.
    public let ratio: Double
    /// A 95 % confidence interval.
    public let low: Double
    public let high: Double
  }

  /// Medians of every round in milliseconds, by contestant.
  public let rounds: [[Double]]
  /// One for each contestant but the first.
  public let ratios: [Ratio]

  /// How long one contestant runs before the next has its turn, and how many rounds there are at least.
  private static let blockMilliseconds = 50.0
  private static let leastRounds = 5
  private static let resamples = 2000

  /// Runs each body once to warm up, then all in turns for about `seconds`.
  ///
  /// - Precondition: there are two bodies at least.
  public static func measure(
    seconds: Double, _ bodies: [() throws -> Void]
  ) throws -> PairedComparison {
    let clock = ContinuousClock()
    for body in bodies { try body() }
    var rounds = Array(repeating: [Double](), count: bodies.count)
    let end = clock.now + .seconds(seconds)
    while rounds[0].count < leastRounds || clock.now < end {
      for (number, body) in bodies.enumerated() {
        // The others have emptied the caches.
        try body()
        var times: [Double] = []
        repeat {
          times.append(try clock.measure { try body() } / .milliseconds(1))
        } while times.reduce(0, +) < blockMilliseconds
        rounds[number].append(Latency(milliseconds: times).median)
      }
    }
    return PairedComparison(rounds: rounds)
  }

  /// - Precondition: every contestant has as many rounds, one at least.
  public init(rounds: [[Double]]) {
    self.rounds = rounds
    ratios = rounds.dropFirst().map { Self.ratio($0, rounds[0]) }
  }

  /// The ratio of medians with a percentile bootstrap over the rounds (Efron and Tibshirani 1993, chapter 13): rounds are
  /// drawn with replacement, both contestants of a round together, so drift of the machine cancels.
  private static func ratio(_ times: [Double], _ first: [Double]) -> Ratio {
    var random: UInt64 = 1
    let ratios = (0..<resamples).map { _ in
      let chosen = times.indices.map { _ in
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((random >> 33) % UInt64(times.count))
      }
      return median(chosen.map { times[$0] }) / median(chosen.map { first[$0] })
    }.sorted()
    return Ratio(
      ratio: median(times) / median(first), low: ratios[resamples * 25 / 1000],
      high: ratios[resamples * 975 / 1000 - 1])
  }

  private static func median(_ times: [Double]) -> Double { Latency(milliseconds: times).median }
}
