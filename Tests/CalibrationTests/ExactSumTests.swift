import Calibration
import Testing

@Suite("Exact sums")
struct ExactSumTests {
  private func sum(_ term: Float) -> ExactSum {
    var result = ExactSum()
    result.add(term)
    return result
  }

  @Test("The order of terms does not matter, however far apart they are")
  func orderDoesNotMatter() {
    let terms: [Float] = [1e30, 1, -1e30, 1e-30, -3.5, .leastNonzeroMagnitude, 7e12, -7e12]
    var forward = ExactSum()
    for term in terms { forward.add(term) }
    var backward = ExactSum()
    for term in terms.reversed() { backward.add(term) }
    #expect(forward == backward)
    #expect(forward.value == -2.5)
  }

  @Test("A sum that cancels is zero, digit by digit")
  func cancels() {
    var total = sum(.greatestFiniteMagnitude)
    total.merge(sum(-.greatestFiniteMagnitude))
    #expect(total == ExactSum())
    #expect(total.value == 0)
  }

  static let terms: [Float] = [
    1, -1, 0.1, -3e38, 65504, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
    .leastNormalMagnitude,
  ]

  @Test("One term comes back", arguments: terms)
  func oneTerm(_ term: Float) {
    #expect(sum(term).value == Double(term))
  }
}
