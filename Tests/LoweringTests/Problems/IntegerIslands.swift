import IR
import Tensors

/// Quantized models as exporters write them, all of whose layers are computed on integers.
extension OpProblem {
  private static func island(
    _ name: String, _ build: @escaping @Sendable (inout GraphSketch) throws -> [ValueID]
  ) -> OpProblem {
    OpProblem(name, tolerance: .exact, opens: [.batch], build)
  }

  static let integerIslands: [OpProblem] = [
    island("QONNX, four bits") { g in
      let x = try g.quant(g.image([1, 5, 9, 9]), scale: 0.02, bits: 8)
      let w = try g.quant(
        g.weight([20, 5, 3, 3]), scales: (0..<20).map { 0.05 + 0.01 * Float($0) }, rank: 4, bits: 4,
        ["narrow": 1])
      let bias = try g.quant(g.weight([20]), scale: 0.001, bits: 16)
      let c = try g.node("Conv", [x, w, bias], ["pads": [1, 1, 1, 1]])
      let r = try g.quant(try g.node("Relu", [c]), scale: 0.2, bits: 4, ["signed": 0])
      let p = try g.node("MaxPool", [r], ["kernel_shape": [2, 2], "strides": [2, 2]])
      let v = try g.quant(g.weight([7, 20, 1, 1]), scale: 0.1, bits: 3)
      let y = try g.node("Conv", [p, v])
      return [try g.quant(y, scale: 0.1, zero: 4, bits: 6, ["signed": 0])]
    },
    island("QONNX, transposed weights of a product") { g in
      let x = try g.quant(g.input([3, 4, 24], fixed: [1, 2]), scale: 0.02, bits: 8)
      let w = try g.quant(
        g.weight([10, 24]), scales: (0..<10).map { 0.05 + 0.01 * Float($0) }, rank: 2, bits: 4)
      let y = try g.node("MatMul", [x, try g.node("Transpose", [w], ["perm": [1, 0]])])
      return [try g.quant(try g.node("Add", [y, g.weight([10])]), scale: 0.05, bits: 8)]
    },
    island("QONNX, one bit") { g in
      let sign = "qonnx.custom_op.general.BipolarQuant"
      let x = try g.node(sign, [g.image([1, 8, 7, 7]), g.scalar(0.5)])
      let w = try g.node(sign, [g.weight([16, 8, 3, 3]), g.scalar(0.25)])
      let c = try g.node("Conv", [x, w])
      let r = try g.node(sign, [c, g.scalar(1)])
      let v = try g.node(sign, [g.weight([5, 16, 1, 1]), g.scalar(0.125)])
      return [try g.node("Conv", [r, v])]
    },
    island("QCDQ") { g in
      let x = try g.clipped(g.image([1, 6, 8, 8]), scale: 0.03, low: -8, high: 7)
      let w = try g.node(
        "DequantizeLinear",
        [
          g.constant(
            Tensor(
              integers: (0..<9 * 6 * 9).map { $0 * 7 % 15 - 7 }, shape: [9, 6, 3, 3], type: .i8)),
          g.constant(Tensor((0..<9).map { 0.05 + 0.01 * Float($0) }, shape: [9])),
          g.constant(Tensor(Array(repeating: Int8(0), count: 9), shape: [9])),
        ], ["axis": 0])
      let c = try g.node("Conv", [x, w, g.weight([9])], ["pads": [1, 1, 1, 1]])
      return [try g.clipped(c, scale: 0.1, low: -4, high: 3)]
    },
  ]
}

extension GraphSketch {
  /// What QONNX rounds to so many bits.
  fileprivate mutating func quant(
    _ x: ValueID, scale: Float = 1, scales: [Float]? = nil, rank: Int = 0, zero: Float = 0,
    bits: Float, _ attributes: [String: AttributeLiteral] = [:]
  ) throws -> ValueID {
    let steps = scales.map { values in
      Tensor(values, shape: [values.count] + Array(repeating: 1, count: rank - 1))
    }
    return try node(
      "qonnx.custom_op.general.IntQuant",
      [x, constant(steps ?? Tensor(scalar: scale)), scalar(zero), scalar(bits)], attributes)
  }

  /// What Brevitas writes for fewer than 8 bits with a sign.
  fileprivate mutating func clipped(
    _ x: ValueID, scale: Float, low: Int8, high: Int8
  ) throws -> ValueID {
    let zero = constant(Tensor(scalar: Int8(0)))
    let bytes = try node("QuantizeLinear", [x, scalar(scale), zero])
    let inside = try node(
      "Clip", [bytes, constant(Tensor(scalar: low)), constant(Tensor(scalar: high))])
    return try node("DequantizeLinear", [inside, scalar(scale), zero])
  }
}
