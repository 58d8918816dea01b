import IR
import Tensors

extension OpProblem {
  /// A quantizer of QONNX that no byte takes the place of; exact.
  private static func quantizer(
    _ what: String, bits: Float?, zero: Float = 0, scales: Tensor = Tensor(scalar: Float(0.03)),
    _ attributes: [String: AttributeLiteral]
  ) -> OpProblem {
    OpProblem("IntQuant \(what)", tolerance: .exact) { g in
      let x = g.input([2, 3, 37], fixed: [1])
      let count =
        if let bits { g.scalar(bits) } else {
          try g.node("Cast", [g.input([], .i32, range: 1..<9)], ["to": 1])
        }
      return [
        try g.node(
          "qonnx.custom_op.general.IntQuant", [x, g.constant(scales), g.scalar(zero), count],
          attributes)
      ]
    }
  }

  static let quantizers: [OpProblem] =
    ["CEIL", "FLOOR", "UP", "DOWN", "HALF_UP", "HALF_DOWN"].map { mode in
      quantizer(mode, bits: 5, ["rounding_mode": .value(.string(mode))])
    } + [
      quantizer("wide", bits: 16, [:]), quantizer("fractions of bits", bits: 4.5, [:]),
      quantizer("a fraction as zero point", bits: 4, zero: 0.5, ["signed": 0]),
      quantizer("computed bits", bits: nil, ["narrow": 1]),
      quantizer("computed bits without a sign", bits: nil, ["signed": 0, "narrow": 1]),
      quantizer(
        "per channel", bits: 12, scales: Tensor([Float(0.01), 0.02, 0.04], shape: [3, 1]), [:]),
      OpProblem("BipolarQuant", tolerance: .exact) { g in
        let scale = try g.node("Abs", [g.input([], fixed: [])])
        return [
          try g.node("qonnx.custom_op.general.BipolarQuant", [g.input([2, 3, 37]), scale])
        ]
      },
      OpProblem("Trunc of five inputs", tolerance: .exact) { g in
        let numbers = [Float(0.01), 3, 8, 5].map { g.scalar($0) }
        return [
          try g.node("qonnx.custom_op.general.Trunc", [g.input([2, 3, 37])] + numbers)
        ]
      },
      OpProblem("Trunc of six inputs", tolerance: .exact) { g in
        let numbers = [Float(0.01), 3, 8, 0.08, 5].map { g.scalar($0) }
        return [
          try g.node(
            "qonnx.custom_op.general.Trunc", [g.input([2, 3, 37])] + numbers,
            ["signed": 0, "rounding_mode": "ROUND"])
        ]
      },
    ]
}
