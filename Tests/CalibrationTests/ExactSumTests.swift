import Testing

@testable import Calibration

@Suite("Exact sums")
struct ExactSumTests {
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
    var sum = ExactSum(.greatestFiniteMagnitude)
    sum.merge(ExactSum(-.greatestFiniteMagnitude))
    #expect(sum == ExactSum())
    #expect(sum.value == 0)
  }

  @Test(
    "One term comes back",
    arguments: [1, -1, 0.1, -3e38, 1e-45, -1e-45, 1.17549435e-38, 65504] as [Float])
  func oneTerm(_ term: Float) {
    #expect(ExactSum(term).value == Double(term))
  }
}
