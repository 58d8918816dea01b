import IR
import Tensors

extension OpProblem {
  private static func matmul(
    _ a: [Int], _ b: [Int], constant: Bool = false, opens: Set<Openness> = [.batch, .open]
  ) -> OpProblem {
    OpProblem("MatMul \(a)\(b)\(constant ? " constant" : "")", opens: opens) { g in
      let x = g.input(a, fixed: constant ? [a.count - 1] : [])
      return [try g.node("MatMul", [x, constant ? g.weight(b) : g.input(b)])]
    }
  }

  private static func gemm(
    _ a: [Int], _ b: [Int], _ c: [Int]?, _ attributes: [String: AttributeLiteral] = [:],
    constant: Bool = true, opens: Set<Openness> = [.batch, .open]
  ) -> OpProblem {
    let what = "\(a)\(b)\(c.map { "\($0)" } ?? "") \(attributes.keys.sorted())"
    return OpProblem("Gemm \(what)", opens: opens) { g in
      let x = constant ? g.input(a, fixed: [attributes["transA"] == nil ? 1 : 0]) : g.input(a)
      let w = constant ? g.weight(b) : g.input(b)
      var inputs: [ValueID?] = [x, w]
      if let c { inputs.append(constant ? g.weight(c) : g.input(c)) }
      return [try g.node("Gemm", inputs, attributes)]
    }
  }

  private static func deep(_ what: String, _ a: [Int], _ columns: Int) -> OpProblem {
    OpProblem("MatMul, Gelu \(a)x\(columns) \(what)", tolerance: .wholeNetwork, opens: []) { g in
      let product = try g.node("MatMul", [g.input(a), g.weight([a[1], columns])])
      return [try g.node("Gelu", [g.node("Add", [product, g.weight([columns])])])]
    }
  }

  /// Products whose operands are larger than a small cache.
  static let largeProducts: [OpProblem] = [
    deep("panels", [37, 200], 150), deep("sweeps", [20, 1602], 51),
    deep("sweeps over slabs", [150, 1602], 51),
  ]

  static let products: [OpProblem] = [
    matmul([5, 7], [7, 9]),
    matmul([1, 64], [64, 33], constant: true),
    matmul([17, 33], [33, 24], constant: true),
    matmul([3, 5, 16], [16, 48], constant: true),
    matmul([2, 4, 5, 8], [2, 4, 8, 6]),
    matmul([2, 1, 5, 8], [4, 8, 7]),
    matmul([4, 8, 7], [2, 1, 7, 3]),
    matmul([1, 5, 8], [3, 8, 1], opens: [.open]),
    matmul([1, 6, 8], [5, 8, 7], opens: [.open, .one]),
    matmul([6], [6, 5]),
    matmul([4, 6], [6]),
    matmul([7], [7]),
    matmul([2, 3, 6], [6]),
    matmul([5], [2, 5, 3], opens: [.open]),
    matmul([1, 1], [1, 1], opens: []),
    matmul([2, 3, 17], [2, 17, 19], constant: true, opens: []),
    matmul([70, 130], [130, 40], constant: true),
    gemm([5, 7], [7, 9], [9]),
    OpProblem("Gemm of computed matrices, constant bias", opens: []) { g in
      let (a, b) = (g.input([5, 7]), g.input([7, 9]))
      return [
        try g.node("Gemm", [a, b, g.weight([9])]), try g.node("Gemm", [a, b, g.scalar(0.25)]),
      ]
    },
    gemm([3, 16], [32, 16], [32], ["transB": 1]),
    gemm([7, 4], [7, 9], [4, 9], ["transA": 1], opens: []),
    gemm(
      [7, 4], [9, 7], [4, 1], ["transA": 1, "transB": 1, "alpha": 0.5, "beta": 2.0], opens: []),
    gemm([4, 6], [6, 5], [], ["beta": 0.5]),
    gemm([4, 6], [6, 5], [1, 5]),
    gemm([4, 6], [6, 5], nil, ["alpha": 3.0]),
    gemm([4, 6], [6, 5], [5], constant: false),
    gemm([6, 4], [5, 6], [4, 5], ["transA": 1, "transB": 1], constant: false, opens: [.open]),
    gemm([1, 100], [17, 100], [17], ["transB": 1]),
  ]
}
