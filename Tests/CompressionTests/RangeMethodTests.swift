import Compression
import Tensors
import Testing

@Suite("Ranges") struct RangeMethodTests {
  /// 200,000 numbers within -1...1, most of them near zero, and one far away.
  private static let withOutlier: Histogram = {
    var histogram = Histogram()
    let even = (0..<200_000).map { Float($0) / 100_000 - 1 }
    histogram.add(Tensor(even.map { $0 * $0 * $0 } + [64], shape: [even.count + 1]))
    return histogram
  }()

  @Test("min-max takes everything, zero included")
  func minmax() {
    let range = RangeMethod.minmax.range(Self.withOutlier, .u8)
    #expect(range.low == -1)
    #expect(range.high == 64)
    var positive = Histogram()
    positive.add(Tensor([2, 3] as [Float], shape: [2]))
    #expect(RangeMethod.minmax.range(positive, .u8).low == 0)
  }

  @Test(
    "percentile and entropy leave an outlier out", arguments: [RangeMethod.percentile, .entropy])
  func clips(_ method: RangeMethod) {
    let range = method.range(Self.withOutlier, .u8)
    #expect(range.high < 32)
    #expect(range.high > 0.5)
    #expect(range.low < -0.5)
  }

  @Test("the least squared error weighs an outlier against all others")
  func weighs() {
    let range = RangeMethod.mse.range(Self.withOutlier, .u8)
    #expect(range.high < 64)
    #expect(range.high > 8)
  }

  @Test("zeros have a range too", arguments: RangeMethod.allCases)
  func zeros(_ method: RangeMethod) {
    var histogram = Histogram()
    histogram.add(Tensor([0, 0] as [Float], shape: [2]))
    let range = method.range(histogram, .u8)
    #expect(range.low == 0)
    #expect(range.high == 0)
  }
}
