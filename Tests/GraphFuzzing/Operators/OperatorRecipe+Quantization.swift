import Diagnostics
import IR
import Ops
import Tensors

extension OperatorRecipes {
  static let quantizers: [OperatorRecipe] = [
    OperatorRecipe("QuantizeLinear") { (grower, name) throws(Diagnostic) in
      let x = grower.filled(grower.type(name, "T1", among: [.f32, .f16]))
      let type = grower.type(name, "T3", among: [.u8, .i8, .u16, .i16])
      let (parameters, axis) = grower.quantizationParameters(
        of: grower.shape(of: x), grower.tensor(x).type, type)
      try grower.apply(name, [x] + parameters) { $0.int("axis", axis, default: 1) }
    },
    OperatorRecipe("DequantizeLinear") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T1", among: [.u8, .i8, .u16, .i16, .i32])
      let x = grower.filled(type, .any)
      let (parameters, axis) = grower.quantizationParameters(
        of: grower.shape(of: x), grower.pick([.f32, .f32, .f16]), type)
      try grower.apply(name, [x] + parameters) { $0.int("axis", axis, default: 1) }
    },
    OperatorRecipe("DynamicQuantizeLinear") { (grower, name) throws(Diagnostic) in
      try grower.apply(name, [grower.filled(.f32)], outputs: 3)
    },
    OperatorRecipe("MatMulInteger") { (grower, name) throws(Diagnostic) in
      let types = [grower.type(name, "T1"), grower.type(name, "T2")]
      let a = grower.filled(types[0], rank: 2...4, .any)
      let b = grower.factor(of: a, types[1], .any)
      let zeros = types.map {
        grower.flag() ? grower.fresh(Numbers.any.tensor($0, [], &grower.random)) : nil
      }
      try grower.apply(name, [a, b] + zeros)
    },
    OperatorRecipe("ConvInteger") { (grower, name) throws(Diagnostic) in
      let types = [grower.type(name, "T1"), grower.type(name, "T2")]
      let x = grower.picture(types[0], axes: 2...2)
      let parts = grower.convolutionParts(grower.shape(of: x))
      let w = grower.fresh(Numbers.any.tensor(types[1], parts.weights, &grower.random))
      let zeros = types.map {
        grower.flag() ? grower.fresh(Numbers.any.tensor($0, [], &grower.random)) : nil
      }
      try grower.apply(name, [x, w] + zeros) { parts.write(to: &$0) }
    },
    OperatorRecipe("QLinearConv") { (grower, name) throws(Diagnostic) in
      let types = [grower.type(name, "T1"), grower.type(name, "T2"), grower.type(name, "T3")]
      let x = grower.picture(types[0], axes: 2...2)
      let parts = grower.convolutionParts(grower.shape(of: x))
      let w = grower.constant(Numbers.tame.tensor(types[1], parts.weights, &grower.random))
      let bias =
        grower.flag()
        ? grower.constant(Numbers.tame.tensor(.i32, [parts.weights[0]], &grower.random)) : nil
      let scales = [grower.quantum(), grower.quantum(), grower.quantum()].map {
        grower.scalar($0, .f32)
      }
      let zeros = types.map { grower.constant(Numbers.tame.tensor($0, [], &grower.random)) }
      try grower.apply(
        name,
        [x, scales[0], zeros[0], w, scales[1], zeros[1], scales[2], zeros[2], bias]
      ) { parts.write(to: &$0) }
    },
    OperatorRecipe("QLinearMatMul") { (grower, name) throws(Diagnostic) in
      let types = [.u8, .i8].shuffled(using: &grower.random) as [ElementType]
      let a = grower.filled(types[0], rank: 2...3, .any)
      let b = grower.factor(of: a, types[1], .any)
      let output = grower.pick(types)
      let scales = [grower.quantum(), grower.quantum(), grower.quantum()].map {
        grower.scalar($0, .f32)
      }
      let zeros = [types[0], types[1], output].map {
        grower.constant(Numbers.tame.tensor($0, [], &grower.random))
      }
      try grower.apply(
        name, [a, scales[0], zeros[0], b, scales[1], zeros[1], scales[2], zeros[2]])
    },
  ]

  static let qonnx: [OperatorRecipe] = [
    OperatorRecipe("qonnx.custom_op.general.IntQuant") { (grower, name) throws(Diagnostic) in
      let x = grower.filled(.f32)
      let bits = Double(grower.number(2...8))
      let parts = [grower.quantum(), grower.pick([0, 1, -2]), bits].map { grower.scalar($0, .f32) }
      let flags = [grower.flag(), grower.flag()]
      let mode = grower.pick(["ROUND", "FLOOR", "CEIL"])
      try grower.apply(name, [x] + parts) {
        $0.flag("signed", flags[0], default: true)
        $0.flag("narrow", flags[1])
        $0.string("rounding_mode", mode, default: "ROUND")
      }
    },
    OperatorRecipe("qonnx.custom_op.general.BipolarQuant") { (grower, name) throws(Diagnostic) in
      try grower.apply(name, [grower.filled(.f32), grower.scalar(grower.quantum(), .f32)])
    },
    OperatorRecipe("qonnx.custom_op.general.Trunc") { (grower, name) throws(Diagnostic) in
      let scale = grower.pick([0.25, 0.5, 1])
      let parts = [scale, 0, 8, scale * 4, 4].map { grower.scalar($0, .f32) }
      try grower.apply(name, [grower.filled(.f32)] + parts)
    },
  ]

  /// A layer between conversions from and to bytes, as quantized models have it.
  static let quantizedLayer: OperatorRecipe.Grow = { (grower, _) throws(Diagnostic) in
    let layer = grower.pick([
      "Conv", "Conv", "MatMul", "Gemm", "Add", "Relu", "AveragePool", "Concat", "Sigmoid",
    ])
    let type: ElementType = grower.pick([.u8, .i8])
    let isPicture = ["Conv", "AveragePool"].contains(layer)
    let x =
      isPicture
      ? grower.picture(.f32, axes: 2...2)
      : grower.filled(.f32, rank: layer == "Gemm" ? 2...2 : 2...3)
    let shape = grower.shape(of: x)
    let a = try grower.throughBytes(x, type)
    let result: ValueID
    switch layer {
    case "Conv":
      let parts = grower.convolutionParts(shape)
      let weights = try grower.weightsFromBytes(parts.weights)
      let bias =
        grower.flag()
        ? grower.constant(Numbers.within(-1, 1).tensor(.f32, [parts.weights[0]], &grower.random))
        : nil
      result = try grower.apply(layer, [a, weights, bias]) { parts.write(to: &$0) }[0]
    case "MatMul", "Gemm":
      let weights = try grower.weightsFromBytes([
        shape[shape.count - 1], grower.pick([1, 4, 16, 17]),
      ])
      result = try grower.apply(layer, [a, weights])[0]
    case "Add", "Concat":
      let b = try grower.throughBytes(grower.value(.f32, shape: shape), type)
      result = try grower.apply(layer, [a, b]) { if layer == "Concat" { $0.int("axis", 1) } }[0]
    case "AveragePool":
      let kernel = shape.dropFirst(2).map { min($0, 2) }
      result = try grower.apply(layer, [a]) { $0.ints("kernel_shape", kernel) }[0]
    default:
      result = try grower.apply(layer, [a])[0]
    }
    _ = try grower.throughBytes(result, type)
  }
}

extension GraphGrower {
  /// A scale: often a power of two, so that halves occur.
  mutating func quantum() -> Double {
    flag() ? pick([0.25, 0.125, 0.0625, 0.03125]) : Double(number(1...64)) / 512
  }

  /// A scale and a zero point for all elements or along an axis.
  mutating func quantizationParameters(
    of shape: [Int], _ scale: ElementType, _ type: ElementType
  ) -> (parameters: [ValueID?], axis: Int) {
    let axis = chance(1, of: 3) ? below(shape.count) : nil
    let own = axis.map { [shape[$0]] } ?? []
    let scales = (0..<own.elementCount).map { _ in quantum() }
    let zero =
      flag() && type != .i32
      ? constant(Numbers.tame.tensor(type, own, &random)) : constant(Tensor(zeros: own, type: type))
    return ([fresh(Tensor(doubles: scales, shape: own, type: scale)), zero], axis ?? 1)
  }

  /// A value after QuantizeLinear and DequantizeLinear.
  mutating func throughBytes(_ x: ValueID, _ type: ElementType) throws(Diagnostic) -> ValueID {
    let scale = scalar(quantum(), .f32)
    let zero = constant(
      Tensor(integers: [type == .u8 ? 128 : pick([0, 3])], shape: [], type: type))
    let bytes = try apply("QuantizeLinear", [x, scale, zero])[0]
    return try apply("DequantizeLinear", [bytes, scale, zero])[0]
  }

  /// Constant weights of bytes, as floats.
  mutating func weightsFromBytes(_ shape: [Int]) throws(Diagnostic) -> ValueID {
    let bytes = constant(Numbers.any.tensor(.i8, shape, &random))
    let zero = constant(Tensor(integers: [0], shape: [], type: .i8))
    return try apply("DequantizeLinear", [bytes, scalar(quantum() / 8, .f32), zero])[0]
  }

  /// What a convolution over a shape may be.
  mutating func convolutionParts(_ shape: [Int]) -> ConvolutionParts {
    let channels = shape[1]
    let group = chance(1, of: 4) ? channels : 1
    let sizes = Array(shape.dropFirst(2))
    let kernel = sizes.map { min($0, pick([1, 1, 2, 3, 3])) }
    let outputs = group * pick(group > 1 ? [1, 1, 2] : [1, 4, 8, 16, 17])
    return ConvolutionParts(
      weights: [outputs, channels / group] + kernel, group: group,
      window: window(over: sizes, kernel: kernel))
  }
}

/// The shape of the weights of a convolution, and its attributes.
struct ConvolutionParts: Sendable {
  let weights: [Int]
  let group: Int
  let window: WindowAttributes

  func write(to attributes: inout Attributes) {
    window.write(to: &attributes)
    attributes.int("group", group, default: 1)
  }
}
