import Calibration
import Tensors
import Testing

@Suite("Statistics merge exactly")
struct HistogramTests {
  private func statistics(_ samples: [[Float]]) throws -> ValueStatistics {
    var result = ValueStatistics()
    for sample in samples { try result.add(Tensor(sample, shape: [sample.count])) }
    return result
  }

  /// Samples whose magnitudes differ by many powers of two.
  private var samples: [[Float]] {
    var noise = Noise(seed: 3)
    return (0..<24).map { number in
      let scale = Float(sign: .plus, exponent: (number * 7) % 40 - 20, significand: 1)
      return (0..<50).map { _ in
        noise.uniform() < 0.2 ? (noise.uniform() < 0.5 ? 0 : -0.0) : noise.normal() * scale
      }
    }
  }

  @Test("Any division and any order of samples give the same statistics")
  func divisionDoesNotMatter() throws {
    let whole = try statistics(samples)
    #expect(try statistics(samples.reversed()) == whole)
    for cut in [1, 5, 12, 23] {
      let (first, second) = (Array(samples[..<cut]), Array(samples[cut...]))
      var forward = try statistics(first)
      forward.merge(try statistics(second))
      var backward = try statistics(second.reversed())
      backward.merge(try statistics(first))
      #expect(forward == whole)
      #expect(backward == whole)
    }
  }

  @Test("Merging with nothing changes nothing")
  func mergesNothing() throws {
    let whole = try statistics(samples)
    var left = whole
    left.merge(ValueStatistics())
    var right = ValueStatistics()
    right.merge(whole)
    #expect(left == whole)
    #expect(right == whole)
  }

  @Test("Every element is counted in the bin that holds it", arguments: Population.all)
  func countsEveryElement(_ population: Population) throws {
    let statistics = try population.statistics
    let histogram = statistics.histogram
    var positive: [Int: UInt64] = [:]
    var negative: [Int: UInt64] = [:]
    for element in population.elements where element != 0 {
      let bin = Int((Double(element.magnitude) / histogram.width).rounded(.down))
      if element > 0 { positive[bin, default: 0] += 1 } else { negative[bin, default: 0] += 1 }
    }
    #expect(histogram.zeroCount == UInt64(population.elements.count { $0 == 0 }))
    #expect(histogram.count == UInt64(population.elements.count))
    for (side, expected) in [(histogram.positive, positive), (histogram.negative, negative)] {
      let found = side.enumerated().filter { $0.element > 0 }.map { ($0.offset, $0.element) }
      #expect(Dictionary(uniqueKeysWithValues: found) == expected)
    }
    let used = max(histogram.positive.count, histogram.negative.count)
    #expect(used > Histogram.binCount / 2 && used <= Histogram.binCount)
  }

  @Test("The least and the greatest float have bins")
  func extremeMagnitudes() throws {
    let least = try statistics([[.leastNonzeroMagnitude, -.leastNonzeroMagnitude]])
    #expect(least.histogram.count == 2)
    var all = least
    all.merge(try statistics([[.greatestFiniteMagnitude]]))
    #expect(all.histogram.count == 3)
    #expect(all.histogram.positive.count == Histogram.binCount)
  }
}
