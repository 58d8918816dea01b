import Diagnostics
import IR
import Tensors

extension OpProblem {
  /// A convolution with weights and bias.
  private static func conv(
    _ g: inout GraphSketch, _ x: ValueID, to channels: Int, kernel: Int = 3, group: Int = 1,
    stride: Int = 1
  ) throws(Diagnostic) -> ValueID {
    let inputs = (g.shape(x)[1].value ?? 0) / group
    let pads = AttributeLiteral(Array(repeating: kernel / 2, count: 4))
    return try g.node(
      "Conv",
      [x, g.weight([channels, inputs, kernel, kernel]), g.weight([channels])],
      [
        "pads": pads, "group": .value(.int(group)),
        "strides": AttributeLiteral([stride, stride]),
      ])
  }

  /// Several layers behind each other: an element that cancels out has the error of the others.
  private static func network(
    _ name: String, opens: Set<Openness> = [.batch, .open],
    _ build: @escaping @Sendable (inout GraphSketch) throws -> [ValueID]
  ) -> OpProblem {
    OpProblem(name, tolerance: .wholeNetwork, opens: opens, build)
  }

  /// What networks are made of, for the passes to fuse.
  static let chains: [OpProblem] = [
    network("conv, relu, residual") { g in
      let x = try conv(&g, g.image([1, 3, 7, 9]), to: 17)
      let y = try g.node("Relu", [conv(&g, x, to: 17)])
      return [try g.node("Relu", [g.node("Add", [conv(&g, y, to: 17), x])])]
    },
    network("conv, residual of the input") { g in
      let x = g.image([2, 5, 6, 6])
      return [try g.node("Add", [x, conv(&g, x, to: 5)])]
    },
    network("conv, silu") { g in
      let y = try conv(&g, g.image([1, 16, 7, 7]), to: 24, kernel: 1)
      return [try g.node("Mul", [y, g.node("Sigmoid", [y])])]
    },
    network("conv, batch norm, hard swish, depthwise") { g in
      let y = try conv(&g, g.image([1, 3, 9, 9]), to: 16, stride: 2)
      let z = try g.node(
        "BatchNormalization",
        [y, g.weight([16]), g.weight([16]), g.weight([16]), g.positive([16])])
      return [try conv(&g, g.node("HardSwish", [z]), to: 16, group: 16)]
    },
    network("squeeze and excitation") { g in
      let x = try g.node("Relu", [conv(&g, g.image([2, 8, 6, 6]), to: 24)])
      let squeezed = try g.node("GlobalAveragePool", [x])
      let excited = try g.node("Relu", [conv(&g, squeezed, to: 6, kernel: 1)])
      let gate = try g.node("Sigmoid", [conv(&g, excited, to: 24, kernel: 1)])
      return [try conv(&g, g.node("Mul", [x, gate]), to: 17, kernel: 1)]
    },
    network("matmul, bias, gelu") { g in
      let y = try g.node("MatMul", [g.input([2, 5, 16], fixed: [2]), g.weight([16, 33])])
      return [try g.node("Gelu", [g.node("Add", [y, g.weight([33])])])]
    },
    network("matmul, gelu by erf") { g in
      let x = try g.node("MatMul", [g.input([5, 16], fixed: [1]), g.weight([16, 24])])
      let erf = try g.node("Erf", [g.node("Div", [x, g.scalar(1.4142135)])])
      let half = try g.node("Mul", [x, g.node("Add", [erf, g.scalar(1)])])
      return [try g.node("Mul", [half, g.scalar(0.5)])]
    },
    network("layer norm by parts") { g in
      let x = g.input([2, 5, 24], fixed: [2])
      let axes = g.integers([-1])
      let centered = try g.node("Sub", [x, g.node("ReduceMean", [x, axes])])
      let square = try g.node("Pow", [centered, g.scalar(2)])
      let variance = try g.node("ReduceMean", [square, axes])
      let root = try g.node("Sqrt", [g.node("Add", [variance, g.scalar(0.00001)])])
      let normal = try g.node("Div", [centered, root])
      return [
        try g.node("Add", [g.node("Mul", [normal, g.weight([24])]), g.weight([24])])
      ]
    },
    network("attention head") { g in
      let x = g.input([2, 6, 16], fixed: [2])
      let q = try g.node("MatMul", [x, g.weight([16, 8])])
      let k = try g.node("MatMul", [x, g.weight([16, 8])])
      let v = try g.node("MatMul", [x, g.weight([16, 8])])
      let transposed = try g.node("Transpose", [k], ["perm": [0, 2, 1]])
      let scores = try g.node("Mul", [g.node("MatMul", [q, transposed]), g.scalar(0.35)])
      return [try g.node("MatMul", [g.node("Softmax", [scores]), v])]
    },
    network("channels last between depthwise convolutions", opens: [.batch]) { g in
      let x = try conv(&g, g.image([1, 3, 7, 9]), to: 16)
      let y = try conv(&g, x, to: 16, group: 16)
      let rows = try g.node("Transpose", [y], ["perm": [0, 2, 3, 1]])
      let normal = try g.node("LayerNormalization", [rows, g.weight([16]), g.weight([16])])
      let wide = try g.node("Gelu", [g.node("MatMul", [normal, g.weight([16, 50])])])
      let narrow = try g.node(
        "Mul", [g.node("MatMul", [wide, g.weight([50, 16])]), g.weight([16])])
      let back = try g.node("Transpose", [narrow], ["perm": [0, 3, 1, 2]])
      return [try conv(&g, g.node("Add", [back, x]), to: 16, group: 16)]
    },
    network("channels of no whole block behind a product", opens: []) { g in
      let x = try g.node("MatMul", [g.input([1, 5, 6, 9]), g.weight([9, 20])])
      let back = try g.node("Transpose", [x], ["perm": [0, 3, 1, 2]])
      return [try conv(&g, back, to: 8)]
    },
    network("rows of a transposed convolution of no whole block", opens: []) { g in
      let x = try conv(&g, g.image([2, 3, 5, 6]), to: 20)
      let rows = try g.node("Transpose", [x], ["perm": [0, 2, 3, 1]])
      return [try g.node("LayerNormalization", [rows, g.weight([20])])]
    },
    network("pool, add") { g in
      let x = try conv(&g, g.image([1, 3, 8, 8]), to: 17)
      let pooled = try g.node("MaxPool", [x], ["kernel_shape": [3, 3], "pads": [1, 1, 1, 1]])
      return [try g.node("Add", [pooled, x])]
    },
    network("average pool of a padded convolution, relu") { g in
      let x = try conv(&g, g.image([1, 16, 9, 9]), to: 24)
      let pooled = try g.node(
        "AveragePool", [x],
        ["kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1], "ceil_mode": 1])
      return [try g.node("Relu", [pooled])]
    },
    network("concat, relu, conv") { g in
      let x = g.image([1, 5, 6, 6])
      let parts = [try conv(&g, x, to: 17), try conv(&g, x, to: 24, kernel: 1), x]
      return [try conv(&g, g.node("Relu", [g.node("Concat", parts, ["axis": 1])]), to: 16)]
    },
    network("concat of blocks") { g in
      let x = g.image([1, 16, 6, 6])
      let parts = [try conv(&g, x, to: 32), try conv(&g, x, to: 16, kernel: 1)]
      return [try conv(&g, g.node("Concat", parts, ["axis": 1]), to: 16, kernel: 1)]
    },
    network("channel shuffle", opens: [.batch]) { g in
      let x = try conv(&g, g.image([2, 3, 5, 5]), to: 12)
      let split = try g.node("Reshape", [x, g.integers([0, 3, 4, 5, 5])])
      let swapped = try g.node("Transpose", [split], ["perm": [0, 2, 1, 3, 4]])
      return [try g.node("Reshape", [swapped, g.integers([0, 12, 5, 5])])]
    },
    network("padded convolution after a pool") { g in
      let x = try conv(&g, g.image([1, 3, 12, 12]), to: 16)
      let pooled = try g.node("MaxPool", [x], ["kernel_shape": [2, 2], "strides": [2, 2]])
      return [try conv(&g, pooled, to: 8, kernel: 5), try conv(&g, pooled, to: 8)]
    },
    network("classifier head") { g in
      let x = try g.node("Relu", [conv(&g, g.image([2, 3, 8, 8]), to: 24)])
      let flat = try g.node("Flatten", [g.node("GlobalAveragePool", [x])])
      return [try g.node("Softmax", [g.node("Gemm", [flat, g.weight([24, 10]), g.weight([10])])])]
    },
    network("flattened convolution", opens: []) { g in
      let x = try g.node("Relu", [conv(&g, g.image([2, 3, 5, 5]), to: 17)])
      let flat = try g.node("Flatten", [x])
      return [try g.node("Gemm", [flat, g.weight([425, 9]), g.weight([9])])]
    },
    network("tokens of a picture", opens: []) { g in
      let x = try conv(&g, g.image([1, 3, 8, 8]), to: 24, stride: 2)
      let rows = try g.node("Reshape", [x, g.integers([1, 24, 16])])
      let tokens = try g.node("Transpose", [rows], ["perm": [0, 2, 1]])
      return [
        try g.node("LayerNormalization", [tokens, g.weight([24]), g.weight([24])])
      ]
    },
    network("upsampled features beside others", opens: [.batch]) { g in
      let x = try g.node("Relu", [conv(&g, g.image([1, 3, 8, 8]), to: 16)])
      let small = try conv(&g, x, to: 17, stride: 2)
      let large = try g.node(
        "Resize", [small, nil, g.floats([1, 1, 2, 2])],
        [
          "mode": "nearest", "coordinate_transformation_mode": "asymmetric",
          "nearest_mode": "floor",
        ])
      return [try conv(&g, g.node("Concat", [x, large], ["axis": 1]), to: 5)]
    },
    network("scalar operands and halves") { g in
      let x = try conv(&g, g.image([1, 4, 6, 6]), to: 16)
      let y = try g.node("Clip", [g.node("Add", [x, g.scalar(3)]), g.scalar(0), g.scalar(6)])
      return [try g.node("Div", [g.node("Mul", [x, y]), g.scalar(6)])]
    },
    network("a value with three readers") { g in
      let x = try conv(&g, g.image([1, 5, 7, 7]), to: 17)
      let relu = try g.node("Relu", [x])
      return [try conv(&g, relu, to: 3), try g.node("Tanh", [x]), relu]
    },
  ]
}
