import Diagnostics
import IR
import Ops
import Tensors
import Testing

@Suite struct GatherTests {
  @Test func picksSlices() throws {
    let indices = Tensor([2, -3] as [Int32], shape: [2])
    #expect(try run(Gather(axis: 1), counting(2, 3), indices)[0].integers == [2, 0, 5, 3])
    #expect(try run(Gather(), counting(3, 2), Tensor(scalar: Int64(1)))[0].shape == [2])
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try run(Gather(), counting(2), i64(2)) }
        == "index.out-of-range")
  }

  @Test func picksContents() throws {
    let n = IndexExpr.symbol("N")
    let shape = OperatorCase([.contents([n, 3, 5]), .constant(Tensor(scalar: Int64(0)))])
    #expect(shape.contents(Gather()) == "[N]")
    #expect(try shape.types(Gather()) == ["i64[]"])
    let unknown = OperatorCase([.contents([n, 3]), .type(.i64, [])])
    #expect(unknown.contents(Gather()) == nil)
  }
}
