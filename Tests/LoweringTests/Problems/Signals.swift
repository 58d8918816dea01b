import IR
import Tensors

extension OpProblem {
  private static func transform(
    _ what: String, _ x: [Int], axis: Int, length: Int? = nil,
    _ attributes: [String: AttributeLiteral] = [:]
  ) -> OpProblem {
    OpProblem("DFT \(what)") { g in
      let length = length.map { g.constant(Tensor(scalar: Int64($0))) }
      return [
        try g.node(
          "DFT",
          [g.input(x, fixed: [x.count - 1]), length, g.constant(Tensor(scalar: Int64(axis)))],
          attributes)
      ]
    }
  }

  private static func frames(
    _ what: String, window: Int?, length: Int?, parts: Int = 1,
    _ attributes: [String: AttributeLiteral] = [:]
  ) -> OpProblem {
    OpProblem("STFT \(what)") { g in
      let inputs = [
        g.input([2, 40, parts], fixed: [2]), g.constant(Tensor(scalar: Int64(3))),
        window.map { g.weight([$0]) }, length.map { g.constant(Tensor(scalar: Int64($0))) },
      ]
      return [try g.node("STFT", inputs, attributes)]
    }
  }

  static let signals: [OpProblem] = [
    transform("of numbers", [3, 12, 1], axis: 1),
    transform("of complex numbers along the first axis", [11, 3, 2], axis: 0),
    transform("one-sided", [2, 9, 4, 1], axis: 1, ["onesided": 1]),
    transform("inverse", [2, 10, 2], axis: -2, ["inverse": 1]),
    transform("inverse, one-sided", [2, 7, 2], axis: 1, ["inverse": 1, "onesided": 1]),
    transform(
      "inverse, one-sided, odd", [2, 7, 2], axis: 1, length: 11, ["inverse": 1, "onesided": 1]),
    transform("of a shorter length", [2, 10, 2], axis: 1, length: 6),
    transform("of a longer length", [2, 10, 1], axis: 1, length: 16, ["onesided": 1]),
    frames("with a window", window: 8, length: nil),
    frames("with a length", window: nil, length: 10, ["onesided": 0]),
    frames("with both, of complex numbers", window: 9, length: 9, parts: 2, ["onesided": 0]),
  ]
}
