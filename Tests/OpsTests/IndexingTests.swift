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

@Suite struct ScatterTests {
  private func op<T: Op>(_: T.Type, _ build: (inout Attributes) -> Void = { _ in }) throws -> T {
    var reader = AttributeReader(Attributes(build), opset: 18, inputCount: 3, outputCount: 1)
    return try T(&reader)
  }

  @Test func scattersElements() throws {
    let data = counting(2, 3)
    let updates = Tensor([70, 80] as [Int32], shape: [2, 1])
    let indices = Tensor([2, -3] as [Int64], shape: [2, 1])
    let plain = try op(ScatterElements.self) { $0.int("axis", 1) }
    #expect(try run(plain, data, indices, updates)[0].integers == [0, 1, 70, 80, 4, 5])
    let sum = try op(ScatterElements.self) {
      $0.int("axis", 1)
      $0.string("reduction", "add")
    }
    #expect(try run(sum, data, indices, updates)[0].integers == [0, 1, 72, 83, 4, 5])
  }

  @Test func scattersSlicesOfStrings() throws {
    let data = Tensor(strings: ["a", "b", "c", "d"], shape: [2, 2])
    let updates = Tensor(strings: ["x", "y"], shape: [1, 2])
    let plain = try op(ScatterND.self)
    let result = try run(plain, data, Tensor([1] as [Int64], shape: [1, 1]), updates)[0]
    #expect(result.strings == ["a", "b", "x", "y"])
    let sum = try op(ScatterND.self) { $0.string("reduction", "add") }
    #expect(
      diagnosticID { () throws(Diagnostic) in
        _ = try run(sum, data, Tensor([1] as [Int64], shape: [1, 1]), updates)
      } == "type.reduction")
  }

  @Test func comparesUnsigned() throws {
    let most = try op(ScatterND.self) { $0.string("reduction", "max") }
    let data = Tensor([UInt64.max, 1], shape: [2])
    let updates = Tensor([5, UInt64.max - 1], shape: [2])
    let indices = Tensor([0, 1] as [Int64], shape: [2, 1])
    let result = try run(most, data, indices, updates)[0]
    #expect(result.array(of: UInt64.self) == [.max, .max - 1])
  }

  @Test func gathersTuples() throws {
    let indices = Tensor([0, 1, 1, 0] as [Int64], shape: [2, 2])
    #expect(try run(GatherND(), counting(2, 2), indices)[0].integers == [1, 2])
    let batched = Tensor([1, 0] as [Int64], shape: [2, 1])
    let result = try run(GatherND(batchRank: 1), counting(2, 2, 2), batched)[0]
    #expect(result.shape == [2, 2])
    #expect(result.integers == [2, 3, 4, 5])
  }
}

@Suite struct SelectionTests {
  @Test func picksTheLargestFirst() throws {
    let x = Tensor([1, .nan, 3, 3] as [Float], shape: [4])
    #expect(try run(TopK(), x, i64(3), outputCount: 2)[1].integers == [1, 2, 3])
    #expect(try run(TopK(largest: false), x, i64(2), outputCount: 2)[1].integers == [0, 2])
    let columns = try run(TopK(axis: 0), counting(3, 2), i64(1), outputCount: 2)
    #expect(columns[0].integers == [4, 5])
    #expect(columns[1].shape == [1, 2])
    let problem = OperatorCase([.type(.f32, [3]), .constant(i64(4))], outputCount: 2)
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try problem.types(TopK()) } == "shape.top-k")
  }

  @Test func ordersKeysLikeNumbers() throws {
    let x = Tensor([-.infinity, -2, -1, -0.0, 0.5, .infinity] as [Double], shape: [6])
    #expect(
      try run(TopK(largest: false), x, i64(6), outputCount: 2)[1].integers == [0, 1, 2, 3, 4, 5])
  }

  @Test func selectsAndMasks() throws {
    let condition = Tensor([false, true], shape: [2])
    #expect(try run(Compress(axis: 1), counting(2, 3), condition)[0].integers == [1, 4])
    #expect(try run(Compress(), counting(2, 3), condition)[0].integers == [1])
    #expect(try run(NonZero(), counting(2, 2))[0].integers == [0, 1, 1, 1, 0, 1])
    #expect(try run(Trilu(upper: false), counting(2, 2))[0].integers == [0, 0, 2, 3])
    let scalar = Tensor(scalar: Int64(1))
    #expect(try run(Trilu(), counting(2, 2), scalar)[0].integers == [0, 1, 0, 0])
  }

  @Test func marksOneOfMany() throws {
    let hot = try run(OneHot(axis: 0), i64(1, -1, 7), i64(3), i64(0, 9))[0]
    #expect(hot.shape == [3, 3])
    #expect(hot.integers == [0, 0, 0, 9, 0, 0, 0, 9, 0])
  }
}
