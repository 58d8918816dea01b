import IR
import Tensors

extension OpProblem {
  /// A recurrent cell over 7 moments of 2 sequences, 5 numbers each.
  private static func cell(
    _ op: String, _ what: String, gates: Int, hidden: Int, directions: Int = 1,
    isConstant: Bool = true, _ attributes: [String: AttributeLiteral] = [:]
  ) -> OpProblem {
    OpProblem("\(op) \(what)") { g in
      func matrix(_ shape: [Int]) -> ValueID {
        let isFixed: Set<Int> = shape.count == 2 ? [0, 1] : [0, 1, 2]
        return isConstant ? g.weight(shape) : g.input(shape, .f32, fixed: isFixed)
      }
      var attributes = attributes
      attributes["hidden_size"] = .value(.int(hidden))
      let x = g.input([7, 2, 5], .f32, fixed: [2])
      let w = matrix([directions, gates * hidden, 5])
      let r = matrix([directions, gates * hidden, hidden])
      let b = matrix([directions, 2 * gates * hidden])
      return try g.nodes(op, [x, w, r, b], attributes, outputCount: 2)
    }
  }

  static let recurrents: [OpProblem] = [
    cell("RNN", "whole vectors", gates: 1, hidden: 32),
    cell("GRU", "vectors and a rest", gates: 3, hidden: 21),
    cell(
      "GRU", "reset behind the product", gates: 3, hidden: 18, ["linear_before_reset": 1]),
    cell("LSTM", "fewer units than lanes", gates: 4, hidden: 3),
    cell(
      "LSTM", "both directions", gates: 4, hidden: 17, directions: 2,
      ["direction": "bidirectional"]),
    cell("LSTM", "computed weights", gates: 4, hidden: 17, isConstant: false),
  ]
}
