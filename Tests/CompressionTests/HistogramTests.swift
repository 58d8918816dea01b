import Compression
import Tensors
import Testing

@Suite("Histogram") struct HistogramTests {
  private static func histogram(_ parts: [[Float]]) -> Histogram {
    var histogram = Histogram()
    for part in parts { histogram.add(Tensor(part, shape: [part.count])) }
    return histogram
  }

  @Test("counts every number that is one, and grows")
  func grows() {
    let found = Self.histogram([[0.5, -0.25], [100, .nan, .infinity], [-3]])
    #expect(found.count == 4)
    #expect(found.bins.reduce(0, +) == 4)
    #expect(found.low == -3)
    #expect(found.high == 100)
    #expect(found.binWidth * Double(Histogram.binCount / 2) >= 100)
  }

  @Test("keeps zeros that came before any other number")
  func keepsZeros() {
    let found = Self.histogram([[0, 0, 0], [1]])
    #expect(found.count == 4)
    #expect(found.bins[Histogram.binCount / 2] == 3)
  }

  @Test("is the same in parts and as a whole")
  func merges() {
    let parts: [[Float]] = [[0.1, 0.2, -0.7], [9, -4, 0], [0.001]]
    let whole = Self.histogram(parts)
    let merged = parts.map { Self.histogram([$0]) }.reduce(Histogram()) { $0.merged(with: $1) }
    #expect(merged.bins == whole.bins)
    #expect(merged.low == whole.low)
    #expect(merged.high == whole.high)
  }
}
