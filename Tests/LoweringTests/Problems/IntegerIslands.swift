import IR
import Tensors

/// Quantized models as exporters write them, all of whose layers are computed on integers.
extension OpProblem {
  private static func island(
    _ name: String, _ build: @escaping @Sendable (inout GraphSketch) throws -> [ValueID]
  ) -> OpProblem {
    OpProblem(name, tolerance: .exact, opens: [.batch], build)
  }

  /// What onnxruntime makes of a layer whose input it quantizes when the model runs.
  private static func dynamic(
    _ g: inout GraphSketch, _ op: String, _ x: ValueID, _ w: Tensor, zero: Tensor, scales: [Int],
    bias: [Int], _ attributes: [String: AttributeLiteral] = [:]
  ) throws -> ValueID {
    let q = try g.nodes("DynamicQuantizeLinear", [x], outputCount: 3)
    let sums = try g.node(op, [q[0], g.constant(w), q[2], g.constant(zero)], attributes)
    let scale = try g.node("Mul", [q[1], g.positive(scales)])
    let y = try g.node("Mul", [try g.node("Cast", [sums], ["to": 1]), scale])
    return try g.node("Relu", [try g.node("Add", [y, g.weight(bias)])])
  }

  private static func bytes(_ shape: [Int], _ type: ElementType) -> Tensor {
    let low = type == .u8 ? 0 : -128
    return Tensor(
      integers: (0..<shape.elementCount).map { low + $0 * 7919 % 8191 % 256 }, shape: shape,
      type: type)
  }

  static let integerIslands: [OpProblem] = [
    island("dynamic products") { g in
      let none = Tensor(scalar: Int8(0))
      let x = g.input([3, 4, 50], fixed: [1, 2])
      let h = try dynamic(
        &g, "MatMulInteger", x, bytes([50, 33], .i8), zero: none, scales: [], bias: [33])
      return [
        try dynamic(
          &g, "MatMulInteger", h, bytes([33, 16], .u8),
          zero: Tensor(integers: (0..<16).map { $0 * 16 }, shape: [16], type: .u8), scales: [16],
          bias: [16])
      ]
    },
    island("dynamic convolutions") { g in
      let none = Tensor(scalar: Int8(0))
      let x = g.image([1, 6, 11, 12])
      let h = try dynamic(
        &g, "ConvInteger", x, bytes([20, 6, 3, 3], .i8), zero: none, scales: [],
        bias: [1, 20, 1, 1],
        ["pads": [1, 1, 1, 1]])
      let d = try dynamic(
        &g, "ConvInteger", h, bytes([20, 1, 3, 3], .i8), zero: none, scales: [],
        bias: [1, 20, 1, 1], ["pads": [1, 1, 1, 1], "strides": [2, 2], "group": 20])
      return [
        try dynamic(
          &g, "ConvInteger", d, bytes([9, 20, 1, 1], .u8), zero: Tensor(scalar: UInt8(77)),
          scales: [], bias: [1, 9, 1, 1])
      ]
    },
    island("unsigned weights with zero points of their own") { g in
      let x = try g.rounded(g.image([1, 12, 9, 9]), scale: 0.02, zero: UInt8(100))
      let w = try g.dequantized(bytes([24, 12, 3, 3], .u8), axis: 0) { $0 * 10 }
      let b = g.constant(Tensor((0..<24).map { Int32($0 * 500 - 6000) }, shape: [24]))
      let steps = g.constant(
        Tensor((0..<24).map { 0.02 * (0.01 + 0.001 * Float($0)) }, shape: [24]))
      let bias = try g.node("DequantizeLinear", [b, steps], ["axis": 0])
      let c = try g.node("Conv", [x, w, bias], ["pads": [1, 1, 1, 1], "strides": [2, 2]])
      let r = try g.rounded(c, scale: 0.3, zero: UInt8(20))
      let rows = try g.node(
        "Reshape", [r, g.constant(Tensor([Int64(-1), 600], shape: [2]))])
      let v = try g.dequantized(bytes([600, 7], .u8), axis: 1) { $0 * 30 }
      return [try g.rounded(try g.node("MatMul", [rows, v]), scale: 8, zero: UInt8(128))]
    },
    island("four-bit weights") { g in
      let x = try g.rounded(g.image([1, 12, 9, 9]), scale: 0.02, zero: UInt8(100))
      let nibbles = Tensor(
        integers: (0..<20 * 12 * 9).map { $0 * 11 % 16 - 8 }, shape: [20, 12, 3, 3], type: .i4)
      let w = try g.dequantized(nibbles, axis: 0) { $0 % 5 - 2 }
      let r = try g.rounded(
        try g.node("Relu", [try g.node("Conv", [x, w])]), scale: 0.1, zero: UInt8(0))
      let p = try g.node("GlobalAveragePool", [r])
      let rows = try g.rounded(try g.node("Flatten", [p]), scale: 0.05, zero: UInt8(3))
      let last = Tensor(integers: (0..<70 * 2).map { $0 * 5 % 16 }, shape: [7, 20], type: .u4)
      let v = try g.dequantized(last, axis: 0) { $0 + 4 }
      return [try g.node("Gemm", [rows, v, g.weight([7])], ["transB": 1])]
    },
    island("activations of 16 bits") { g in
      let x = try g.rounded(g.image([1, 6, 9, 9]), scale: 0.0001, zero: UInt16(30000))
      let w = try g.dequantized(bytes([20, 6, 3, 3], .i8), axis: 0) { _ in 0 }
      let b = g.constant(Tensor((0..<20).map { Int32($0 * 50000 - 600_000) }, shape: [20]))
      let steps = g.constant(
        Tensor((0..<20).map { 0.0001 * (0.01 + 0.001 * Float($0)) }, shape: [20]))
      let bias = try g.node("DequantizeLinear", [b, steps], ["axis": 0])
      let c = try g.node("Conv", [x, w, bias], ["pads": [1, 1, 1, 1], "strides": [2, 2]])
      let r = try g.rounded(try g.node("Relu", [c]), scale: 0.001, zero: Int16(-20000))
      let rows = try g.node("Reshape", [r, g.constant(Tensor([Int64(-1), 500], shape: [2]))])
      let v = try g.dequantized(bytes([500, 7], .u8), axis: 1) { $0 * 30 }
      return [
        try g.rounded(
          try g.node("Add", [try g.node("MatMul", [rows, v]), g.weight([7])]), scale: 0.01,
          zero: Int16(5))
      ]
    },
    island("depthwise, activations of 16 bits") { g in
      let x = try g.rounded(g.image([1, 17, 9, 9]), scale: 0.0001, zero: Int16(-17))
      let w = try g.dequantized(bytes([17, 1, 3, 3], .i8), axis: 0) { _ in 0 }
      return [try g.node("Conv", [x, w], ["pads": [1, 1, 1, 1], "group": 17])]
    },
    island("functions between bytes") { g in
      let x = try g.rounded(g.image([1, 6, 9, 9]), scale: 0.02, zero: UInt8(100))
      let w = try g.dequantized(bytes([20, 6, 3, 3], .i8), axis: 0) { _ in 0 }
      let c = try g.rounded(
        try g.node("Conv", [x, w], ["pads": [1, 1, 1, 1]]), scale: 0.05, zero: UInt8(140))
      let s = try g.rounded(try g.node("Sigmoid", [c]), scale: 1 / 255, zero: UInt8(0))
      let a = try g.rounded(try g.node("Mul", [c, s]), scale: 0.03, zero: UInt8(9))
      let v = try g.dequantized(bytes([20, 1, 3, 3], .i8), axis: 0) { _ in 0 }
      let d = try g.rounded(try g.node("Conv", [a, v], ["group": 20]), scale: 0.1, zero: Int8(-7))
      return [try g.rounded(try g.node("Gelu", [d]), scale: 0.02, zero: Int8(-100))]
    },
    island("functions of signed bytes that come in") { g in
      let bytes = g.input([3, 50], .i8, range: -128..<128)
      let x = try g.node(
        "DequantizeLinear", [bytes, g.scalar(0.05), g.constant(Tensor(scalar: Int8(3)))])
      let t = try g.node("Tanh", [x])
      let h = try g.node("HardSwish", [try g.node("Sub", [t, g.scalar(0.25)])])
      return [
        try g.node(
          "QuantizeLinear", [h, g.scalar(0.004), g.constant(Tensor(scalar: UInt8(30)))])
      ]
    },
    island("transposed convolutions") { g in
      let x = try g.rounded(g.image([1, 8, 5, 6]), scale: 0.02, zero: Int8(-20))
      let w = try g.dequantized(bytes([8, 12, 3, 3], .i8), axis: 1) { _ in 0 }
      let t = try g.node("ConvTranspose", [x, w, g.weight([12])], ["strides": [2, 2]])
      let r = try g.rounded(try g.node("Relu", [t]), scale: 0.1, zero: UInt8(0))
      let v = try g.dequantized(bytes([12, 3, 2, 2], .i8), axis: 1) { _ in 0 }
      let y = try g.node("ConvTranspose", [r, v], ["strides": [2, 2], "group": 3])
      return [try g.rounded(y, scale: 0.3, zero: UInt8(128))]
    },
    island("averages") { g in
      let x = try g.rounded(g.image([1, 20, 12, 10]), scale: 0.02, zero: UInt8(100))
      let p = try g.rounded(
        try g.node(
          "AveragePool", [x],
          ["kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [2, 2]]), scale: 0.01,
        zero: UInt8(130))
      let r = try g.rounded(
        try g.node(
          "Resize",
          [p, nil, g.constant(Tensor([Float(1), 1, 2, 2], shape: [4]))], ["mode": "linear"]),
        scale: 0.015, zero: Int8(-7))
      let m = try g.rounded(
        try g.node("ReduceMean", [r, g.constant(Tensor([Int64(2)], shape: [1]))], ["keepdims": 0]),
        scale: 0.004, zero: UInt8(99))
      let s = try g.rounded(try g.node("GlobalAveragePool", [r]), scale: 0.001, zero: UInt8(128))
      return [m, s]
    },
    island("movements") { g in
      let x = try g.rounded(g.image([1, 16, 7, 7]), scale: 0.02, zero: UInt8(100))
      let w = try g.dequantized(bytes([32, 16, 1, 1], .i8), axis: 0) { _ in 0 }
      let c = try g.rounded(try g.node("Conv", [x, w]), scale: 0.1, zero: UInt8(128))
      let parts = try g.nodes("Split", [c], ["axis": 1, "num_outputs": 2], outputCount: 2)
      let padded = try g.node(
        "Pad", [parts[0], g.constant(Tensor([Int64(0), 0, 1, 0, 0, 0, 0, 2], shape: [8]))])
      let one = try g.dequantized(bytes([9, 16, 3, 3], .i8), axis: 0) { _ in 0 }
      let y = try g.rounded(try g.node("Conv", [padded, one]), scale: 0.5, zero: UInt8(128))
      let chosen = try g.node(
        "Gather", [parts[1], g.constant(Tensor([Int64(3), 1, 0, 15], shape: [4]))], ["axis": 1])
      let tiled = try g.node(
        "Tile", [chosen, g.constant(Tensor([Int64(1), 2, 1, 1], shape: [4]))])
      let two = try g.dequantized(bytes([5, 8, 1, 1], .i8), axis: 0) { _ in 0 }
      return [y, try g.rounded(try g.node("Conv", [tiled, two]), scale: 0.5, zero: UInt8(128))]
    },
    island("signed bytes come in") { g in
      let x = g.input([3, 40], .i8, fixed: [1], range: -128..<128)
      let zero = g.constant(Tensor(scalar: Int8(-3)))
      return [try g.node("MatMulInteger", [x, g.constant(bytes([40, 9], .i8)), zero])]
    },
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

  /// Numbers as bytes and back.
  fileprivate mutating func rounded<T: TensorElement>(
    _ x: ValueID, scale: Float, zero: T
  ) throws -> ValueID {
    let point = constant(Tensor(scalar: zero))
    let bytes = try node("QuantizeLinear", [x, scalar(scale), point])
    return try node("DequantizeLinear", [bytes, scalar(scale), point])
  }

  /// Constant bytes with scales and zero points along an axis.
  fileprivate mutating func dequantized(
    _ bytes: Tensor, axis: Int, zero: (Int) -> Int
  ) throws -> ValueID {
    let count = bytes.shape[axis]
    let scales = Tensor((0..<count).map { 0.01 + 0.001 * Float($0) }, shape: [count])
    let zeros = Tensor(integers: (0..<count).map(zero), shape: [count], type: bytes.type)
    return try node(
      "DequantizeLinear", [constant(bytes), constant(scales), constant(zeros)],
      ["axis": .value(.int(axis))])
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
