import Calibration
import Foundation
import Tensors
import Testing

/// Ranges from statistics against those from all elements.
@Suite("Ranges")
struct RangeTests {
  @Test("minmax and average are exact", arguments: Population.all)
  func extremes(_ population: Population) throws {
    let statistics = try population.statistics
    let elements = population.elements
    let all = statistics.range(.minmax)
    #expect(all.low == min(0, elements.min() ?? 0))
    #expect(all.high == max(0, elements.max() ?? 0))
    let samples = stride(from: 0, to: elements.count, by: 100).map { elements[$0..<($0 + 100)] }
    let low = samples.reduce(0.0) { $0 + Double($1.min() ?? 0) } / Double(samples.count)
    let high = samples.reduce(0.0) { $0 + Double($1.max() ?? 0) } / Double(samples.count)
    let average = statistics.range(.average)
    #expect(abs(Double(average.low) - min(low, 0)) <= 1e-6 * abs(low))
    #expect(abs(Double(average.high) - max(high, 0)) <= 1e-6 * abs(high))
  }

  @Test(
    "A percentile is that of the sorted elements, up to one bin", arguments: Population.all,
    [50, 90, 99, 99.9, 99.99, 100])
  func percentile(_ population: Population, _ percent: Double) throws {
    let statistics = try population.statistics
    let sorted = population.elements.sorted()
    let outside = Int(Double(sorted.count) * (1 - percent / 100) / 2)
    let low = Double(min(0, sorted[outside]))
    let high = Double(max(0, sorted[sorted.count - 1 - outside]))
    let range = statistics.range(.percentile(percent))
    let slack = statistics.histogram.width * 1.000001
    #expect(Double(range.low) <= low && Double(range.low) >= low - slack)
    #expect(Double(range.high) >= high && Double(range.high) <= high + slack)
  }

  /// The sum of squared differences that quantizing each element makes.
  private func error(_ elements: [Float], _ low: Double, _ high: Double, levels: Int) -> Double {
    let step = (high - low) / Double(levels - 1)
    let zero = (-low / step).rounded(.toNearestOrEven)
    return elements.reduce(0) { sum, element in
      let q = min(
        max((Double(element) / step).rounded(.toNearestOrEven) + zero, 0), Double(levels - 1))
      return sum + pow(Double(element) - (q - zero) * step, 2)
    }
  }

  @Test(
    "mse loses no more than 1% over the best of all pairs of bounds", arguments: Population.all,
    [4, 8])
  func squaredError(_ population: Population, _ bits: Int) throws {
    let elements = Array(population.elements.prefix(3000))
    var statistics = ValueStatistics()
    try statistics.add(Tensor(elements, shape: [elements.count]))
    let grid = IntegerGrid(bitCount: bits)
    let range = statistics.range(.mse, grid: grid)
    let (least, greatest) = (min(0, elements.min() ?? 0), max(0, elements.max() ?? 0))
    var best = Double.infinity
    for lowPart in 1...16 where least < 0 || lowPart == 16 {
      for highPart in 1...16 where greatest > 0 || highPart == 16 {
        let (low, high) = (
          Double(least) * Double(lowPart) / 16, Double(greatest) * Double(highPart) / 16
        )
        best = min(best, error(elements, low, high, levels: grid.levelCount))
      }
    }
    let found = error(
      elements, Double(range.low), Double(range.high), levels: grid.levelCount)
    #expect(found <= best * 1.01)
  }

  @Test("mse on a symmetric grid is the best of all thresholds", arguments: Population.all)
  func symmetricSquaredError(_ population: Population) throws {
    let statistics = try population.statistics
    let range = statistics.range(.mse, grid: IntegerGrid(isSymmetric: true))
    #expect(range.low == -range.high)
    let largest = Double(population.elements.map(\.magnitude).max() ?? 0)
    let best = (1...128).map {
      error(
        population.elements, -largest * Double($0) / 128, largest * Double($0) / 128, levels: 255)
    }.min()
    let found = error(population.elements, Double(range.low), Double(range.high), levels: 255)
    #expect(found <= (best ?? 0) * 1.01)
  }

  /// The divergence of quantized elements for a threshold of so many bins, from the elements themselves.
  private func divergence(_ elements: [Float], _ bins: Int, _ width: Double, levels: Int) -> Double?
  {
    let all = elements.filter { $0 != 0 }.map { element -> Int in
      let bin = Int(Double(element.magnitude) / width)
      return element > 0 ? bin : -bin - 1
    }
    guard let last = all.max(), let first = all.min() else { return nil }
    let (low, high) = (max(-bins, min(first, 0)), min(bins, max(last + 1, 0)))
    guard high - low >= levels else { return nil }
    var p = [Double](repeating: 0, count: high - low)
    var kept = p
    for bin in all {
      p[min(max(bin, low), high - 1) - low] += 1
      if (low..<high).contains(bin) { kept[bin - low] += 1 }
    }
    var q = kept
    for level in 0..<levels {
      let range = (level * p.count / levels)..<((level + 1) * p.count / levels)
      let sum = kept[range].reduce(0, +)
      let filled = kept[range].count { $0 > 0 }
      for bin in range where kept[bin] > 0 { q[bin] = sum / Double(filled) }
    }
    func smooth(_ x: [Double]) -> [Double] {
      let empty = Double(x.count { $0 == 0 })
      let filled = Double(x.count) - empty
      let y = x.map { $0 == 0 ? 1e-4 : $0 - 1e-4 * empty / filled }
      let total = y.reduce(0, +)
      return y.map { $0 / total }
    }
    return zip(smooth(p), smooth(q)).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) }
  }

  @Test("entropy is the threshold of the least divergence", arguments: Population.all)
  func entropy(_ population: Population) throws {
    let statistics = try population.statistics
    let range = statistics.range(.entropy)
    let width = statistics.histogram.width
    func divergence(_ bins: Int) -> Double {
      self.divergence(population.elements, bins, width, levels: 256) ?? .infinity
    }
    let best = stride(from: 32, through: Histogram.binCount, by: 32).map(divergence).min() ?? 0
    let threshold = max(-range.low, range.high)
    let isWhole = threshold == max(-statistics.minimum, statistics.maximum)
    let bins = isWhole ? Histogram.binCount : Int(Double(threshold) / width)
    #expect(divergence(bins) <= best * 1.000001)
  }

  @Test("Outliers widen minmax, not the methods that cut")
  func outliers() throws {
    let population = try #require(Population.all.first { $0.name == "outliers" })
    let statistics = try population.statistics
    #expect(statistics.range(.minmax).high == 40)
    #expect(statistics.range(.percentile(99)).high < 5)
    #expect(statistics.range(.mse, grid: IntegerGrid(bitCount: 4)).high < 40)
  }

  static let methods: [RangeMethod] = [.minmax, .average, .percentile(99.99), .entropy, .mse]

  @Test(
    "A constant has a range with zero that is not empty", arguments: methods, [0, 3, -3, 0x1p-120])
  func constant(_ method: RangeMethod, _ number: Float) throws {
    var statistics = ValueStatistics()
    try statistics.add(Tensor(Array(repeating: number, count: 10), shape: [10]))
    let expected: (Float, Float) =
      number.magnitude < 1e-30 ? (0, 1) : (min(number, 0), max(number, 0))
    #expect(statistics.range(method) == expected)
    let symmetric = statistics.range(method, grid: IntegerGrid(isSymmetric: true))
    #expect(symmetric.low == -symmetric.high && symmetric.high > 0)
  }

  @Test("Every range contains zero and something else", arguments: Population.all, methods)
  func containsZero(_ population: Population, _ method: RangeMethod) throws {
    let range = try population.statistics.range(method)
    #expect(range.low <= 0 && range.high >= 0 && range.low < range.high)
  }

  @Test("Methods are read as they are written")
  func spelling() {
    for method in Self.methods { #expect(RangeMethod(method.description) == method) }
    #expect(RangeMethod("percentile") == .percentile(99.99))
    for text in ["", "max", "percentile:", "percentile:0", "percentile:101", "mse:1"] {
      #expect(RangeMethod(text) == nil)
    }
  }
}
