import IR
import Ops
import Tensors
import Testing

/// The dimension that two open dimensions broadcast to.
@Suite struct OpenBroadcastTests {
  private func sum(_ shapes: [IndexExpr]...) throws -> String {
    try OperatorCase(shapes.map { .type(.f32, $0) }).types(Sum())[0]
  }

  private let h = IndexExpr.symbol("H")
  private let n = IndexExpr.symbol("N")
  private let m = IndexExpr.symbol("M")

  @Test func isNamedInOneOrder() throws {
    #expect(try sum([n, 4], [m, 4]) == "f32[broadcast(M, N), 4]")
    #expect(try sum([m, 4], [n, 4]) == "f32[broadcast(M, N), 4]")
    #expect(try sum([n, m], [h]) == "f32[N, broadcast(H, M)]")
  }

  @Test func takesUpWhatItHolds() throws {
    #expect(try sum([n], [m], [n]) == "f32[broadcast(M, N)]")
    #expect(try sum([n], [m], [h], [m]) == "f32[broadcast(H, broadcast(M, N))]")
    #expect(try sum([n], [1], [n]) == "f32[N]")
  }

  @Test func isTheNumberWhereOneIs() throws {
    #expect(try sum([n], [4]) == "f32[4]")
    #expect(try sum([n], [m], [4]) == "f32[4]")
    #expect(try sum([n], [0]) == "f32[0]")
    let both = IndexExpr.broadcast(n, m)
    #expect(both.substituting { $0.name == "N" ? 1 : nil } == m)
    #expect(both.substituting { $0.name == "N" ? 7 : nil } == 7)
  }

  @Test(arguments: [(1, 5, 5), (5, 1, 5), (5, 5, 5), (1, 0, 0), (0, 1, 0), (1, 1, 1)])
  func hasTheValueOfTheOther(_ first: Int, _ second: Int, _ expected: Int) {
    let both = IndexExpr.broadcast(n, m)
    #expect(both.evaluate { $0.name == "N" ? first : second } == expected)
  }

  @Test func isNotNegative() {
    #expect(IndexExpr.broadcast(n, m + 2).lowerBound == 0)
    #expect(IndexExpr.broadcast(n + 3, m + 2).lowerBound == 2)
  }

  /// Every layer mentions the one before it twice.
  @Test func doesNotGrowWithoutBound() throws {
    var dimension = n
    for _ in 0..<100 {
      let type = try Sum().infer(
        OperatorCase([.type(.f32, [dimension + 1]), .type(.f32, [dimension.floorDiv(2)])]).context)
      dimension = try #require(type[0].tensor?.shape?[0])
    }
    #expect(dimension.description.utf8.count < 2000)
  }
}
