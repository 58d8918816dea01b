import IR
import Tensors

extension OpProblem {
  private static func unary(
    _ op: String, _ attributes: [String: AttributeLiteral] = [:], positive: Bool = false
  ) -> OpProblem {
    OpProblem("\(op)\(attributes.isEmpty ? "" : " \(attributes.keys.sorted())")") { g in
      var x = g.input([3, 5, 7])
      if positive { x = try g.node("Exp", [x]) }
      return [try g.node(op, [x], attributes)]
    }
  }

  private static func binary(
    _ op: String, _ shapes: [Int]..., of type: ElementType = .f32,
    opens: Set<Openness> = [.batch, .open]
  ) -> OpProblem {
    OpProblem("\(op) \(shapes.map { "\($0)" }.joined()) \(type)", opens: opens) { g in
      var inputs: [ValueID?] = []
      for shape in shapes { inputs.append(g.input(shape, type, range: 1..<9)) }
      return [try g.node(op, inputs)]
    }
  }

  static let elementwise: [OpProblem] =
    [
      "Abs", "Atan", "Ceil", "Cos", "Cosh", "Erf", "Exp", "Floor", "Neg", "Round", "Sigmoid", "Sin",
      "Sinh", "Tanh", "Asinh", "Celu", "Elu", "Gelu", "HardSigmoid", "HardSwish", "LeakyRelu",
      "Mish", "Reciprocal", "Relu", "Selu", "Shrink", "Sign", "Softplus", "Softsign", "Swish",
      "ThresholdedRelu", "Identity", "IsNaN", "IsInf",
    ].map { unary($0) } + [
      unary("Log", positive: true), unary("Sqrt", positive: true),
      unary("Gelu", ["approximate": "tanh"]), unary("LeakyRelu", ["alpha": 0.3]),
      unary("Elu", ["alpha": 0.5]), unary("Celu", ["alpha": 2.0]),
      unary("HardSigmoid", ["alpha": 0.1, "beta": 0.3]),
      binary("Add", [3, 5], [3, 5]), binary("Add", [3, 5], [5]), binary("Add", [3, 5], [3, 1]),
      binary("Add", [3, 1], [1, 5]), binary("Add", [3, 5], []), binary("Add", [], [3, 5]),
      binary("Add", [], []), binary("Add", [2, 3, 4, 5], [3, 1, 1]),
      binary("Add", [2, 3, 4, 5], [4, 1]), binary("Add", [2, 1, 4, 1], [3, 1, 5]),
      binary("Add", [1, 1, 1, 1], [2, 3, 4, 5], opens: [.open]),
      binary("Add", [1, 7, 1], [2, 7, 9], opens: [.open]),
      binary("Add", [1, 7, 1], [5, 7, 5], opens: [.open, .one]),
      binary("Sub", [2, 3, 17], [17]), binary("Mul", [2, 16, 5, 5], [2, 16, 1, 1]),
      binary("Mul", [2, 16, 5, 5], [1, 1, 5, 5]), binary("Div", [4, 9], [4, 1]),
      binary("Max", [3, 5], [5], [3, 1]), binary("Min", [3, 5], [3, 5]),
      binary("Sum", [3, 5], [1, 5], [3, 5]), binary("Mean", [3, 5], [5]), binary("Sum", [3, 5]),
      binary("Add", [3, 5], [5], of: .i32), binary("Mul", [3, 5], [5], of: .i64),
      binary("Div", [3, 5], [3, 5], of: .i32), binary("Add", [3, 5], [3, 5], of: .u8),
      binary("Mod", [3, 5], [5], of: .i64), binary("Add", [3, 5], [5], of: .f64),
      binary("Greater", [3, 5], [5]), binary("Less", [3, 5], [3, 5], of: .i32),
      binary("Equal", [3, 5], [5], of: .i64), binary("GreaterOrEqual", [2, 1], [1, 9]),
      binary("LessOrEqual", [9], [9]), binary("And", [3, 5], [5], of: .bool),
      binary("Or", [3, 5], [5], of: .bool), binary("Xor", [3, 1], [1, 5], of: .bool),
      OpProblem("Add of an open dimension that may be one", opens: [.one]) { g in
        [try g.node("Add", [g.input([2, 1, 7]), g.input([3, 2, 5, 7])])]
      },
      OpProblem("Relu of a sum of open dimensions that may be one", opens: [.one]) { g in
        let x = g.input([1, 4])
        let y = g.input([3, 5, 4])
        return [try g.node("Relu", [g.node("Mul", [x, g.node("Add", [y, x])])])]
      },
      OpProblem("Not") { g in [try g.node("Not", [g.input([3, 7], .bool)])] },
      OpProblem("Pow") { g in [try g.node("Pow", [g.input([3, 7]), g.scalar(2)])] },
      OpProblem("Pow of computed exponents") { g in
        [try g.node("Pow", [g.node("Exp", [g.input([3, 7])]), g.input([7])])]
      },
      OpProblem("Pow of integers with computed exponents") { g in
        [
          try g.node(
            "Pow", [g.input([3, 7], .i32, range: -9..<9), g.input([7], .i64, range: -3..<40)])
        ]
      },
      OpProblem("PRelu per channel") { g in
        [try g.node("PRelu", [g.image([2, 17, 4, 5]), g.weight([17, 1, 1])])]
      },
      OpProblem("Clip") { g in
        [try g.node("Clip", [g.input([3, 7]), g.scalar(-0.5), g.scalar(0.75)])]
      },
      OpProblem("Clip from below") { g in
        [try g.node("Clip", [g.input([3, 7]), g.scalar(-0.5)])]
      },
      OpProblem("Where") { g in
        [try g.node("Where", [g.input([3, 1], .bool), g.input([3, 5]), g.input([5])])]
      },
      OpProblem("Where of scalars") { g in
        [try g.node("Where", [g.input([3, 5], .bool), g.scalar(1), g.input([])])]
      },
      OpProblem("Cast to integers") { g in
        [try g.node("Cast", [g.input([3, 7])], ["to": 7])]
      },
      OpProblem("Cast from integers") { g in
        [try g.node("Cast", [g.input([3, 7], .i64, range: -9..<9)], ["to": 1])]
      },
      OpProblem("Cast to booleans") { g in
        [try g.node("Cast", [g.input([3, 7], .i32)], ["to": 9])]
      },
      OpProblem("Cast to half") { g in [try g.node("Cast", [g.input([3, 7])], ["to": 10])] },
      OpProblem("Relu of pictures") { g in [try g.node("Relu", [g.image([2, 17, 3, 5])])] },
      OpProblem("Exp of a scalar") { g in [try g.node("Exp", [g.input([])])] },
    ]
}
