import IR
import Tensors

extension OpProblem {
  /// A convolution of bytes `x[N, C, ...]` with bytes `w[M, C/group, ...]`, rounded to bytes; exact.
  ///
  /// - Parameters:
  ///   - isResidual: whether dequantized bytes are added to its result, as to a residual block's.
  private static func convolution(
    _ what: String, _ x: [Int], _ w: [Int], _ attributes: [String: AttributeLiteral] = [:],
    xZero: Int = 7, wZero: Int = 0, weights: ElementType = .i8, isResidual: Bool = false,
    isSigned: Bool = false
  ) -> OpProblem {
    OpProblem("ConvIntegerToFloat \(x)\(w) \(what)", tolerance: .exact, opens: [.batch]) { g in
      let type: ElementType = isSigned ? .i8 : .u8
      let range = isSigned ? -128..<128 : 0..<256
      let image = g.input(x, type, fixed: Set(1..<x.count), range: range)
      let operands = g.layer(
        w, weights, xZero: xZero, type, wZero: wZero, terms: w.dropFirst().reduce(1, *),
        channels: w[0])
      var y = try g.node(
        "martlet.ConvIntegerToFloat", [image, operands.weights] + operands.constants, attributes)
      if isResidual {
        let shape = g.numbers(y)
        let other = g.input(shape, .u8, fixed: Set(1..<shape.count), range: 0..<256)
        let float = try g.node("Cast", [other], ["to": 1])
        y = try g.node("Add", [y, try g.node("Mul", [float, g.scalar(0.25)])])
        y = try g.node("Relu", [y])
      }
      return [try g.node("martlet.RoundToInteger", [y], ["to": 2, "zero_point": 11])]
    }
  }

  /// A product of bytes `[..., M, K]` and constant or computed `[K, N]`, rounded to bytes; exact.
  private static func product(
    _ what: String, _ a: [Int], _ b: [Int], isComputed: Bool = false
  ) -> OpProblem {
    OpProblem(
      "MatMulIntegerToFloat \(a)\(b) \(what)", tolerance: .exact,
      opens: isComputed ? [] : [.batch]
    ) { g in
      let left = g.input(a, .u8, fixed: Set(1..<a.count), range: 0..<256)
      let columns = b[b.count - 1]
      let operands = g.layer(
        b, .i8, xZero: 100, .u8, wZero: 0, terms: b[b.count - 2], channels: columns)
      let right = isComputed ? g.input(b, .i8, range: -128..<128) : operands.weights
      // A bias belongs to constant weights.
      let constants = isComputed ? Array(operands.constants.dropLast()) : operands.constants
      let y = try g.node("martlet.MatMulIntegerToFloat", [left, right] + constants)
      return [try g.node("martlet.RoundToInteger", [y], ["to": 2, "zero_point": 128])]
    }
  }

  /// The sums of a ConvInteger whose zero point is computed, or known, or left out.
  private static func convolutionSums(
    _ what: String, _ x: [Int], _ w: [Int], _ attributes: [String: AttributeLiteral] = [:],
    zero: Int? = 9, isComputed: Bool = true
  ) -> OpProblem {
    OpProblem("ConvInteger \(x)\(w) \(what)", tolerance: .exact, opens: [.batch]) { g in
      let image = g.input(x, .u8, fixed: Set(1..<x.count), range: 0..<256)
      let weights = g.layer(
        w, .i8, xZero: 0, .u8, wZero: 0, terms: 1, channels: w[0]
      ).weights
      let point: ValueID? =
        isComputed
        ? g.input([], .u8, range: 0..<256)
        : zero.map { g.constant(Tensor(integers: [$0], shape: [], type: .u8)) }
      let sums = try g.node("ConvInteger", [image, weights, point], attributes)
      return [try g.node("Mul", [try g.node("Cast", [sums], ["to": 1]), g.scalar(0.125)])]
    }
  }

  /// The sums of a MatMulInteger with constant weights.
  private static func productSums(
    _ what: String, _ a: [Int], _ b: [Int], isComputed: Bool = true
  ) -> OpProblem {
    OpProblem("MatMulInteger \(a)\(b) \(what)", tolerance: .exact, opens: [.batch]) { g in
      let left = g.input(a, .u8, fixed: Set(1..<a.count), range: 0..<256)
      let weights = g.layer(
        b, .i8, xZero: 0, .u8, wZero: 0, terms: 1, channels: b[1]
      ).weights
      let point =
        isComputed ? g.input([1], .u8, range: 0..<256) : g.constant(Tensor(scalar: UInt8(7)))
      return [try g.node("MatMulInteger", [left, weights, point])]
    }
  }

  static let integerLayers: [OpProblem] = [
    convolutionSums("computed zero point", [1, 8, 9, 8], [16, 8, 3, 3]),
    convolutionSums(
      "computed zero point, padding", [1, 8, 9, 8], [16, 8, 3, 3], ["pads": [1, 1, 1, 1]]),
    convolutionSums("image", [2, 3, 20, 20], [37, 3, 7, 7], ["strides": [2, 2]]),
    convolutionSums(
      "known zero point", [1, 64, 7, 7], [33, 64, 3, 3], ["pads": [1, 1, 1, 1]], isComputed: false),
    convolutionSums(
      "no zero point", [1, 5, 7, 7], [17, 5, 3, 3], ["auto_pad": "SAME_UPPER"], zero: nil,
      isComputed: false),
    convolutionSums("depthwise", [1, 20, 9, 9], [20, 1, 3, 3], ["group": 20]),
    convolutionSums("groups", [1, 32, 7, 7], [64, 16, 3, 3], ["group": 2]),
    productSums("computed zero point", [9, 64], [64, 48]),
    productSums("depth beyond a step", [2, 5, 37], [37, 19]),
    OpProblem("MatMulInteger of computed operands", tolerance: .exact, opens: []) { g in
      let a = g.input([2, 7, 20], .u8, range: 0..<256)
      let b = g.input([20, 33], .i8, range: -128..<128)
      return [try g.node("MatMulInteger", [a, b, g.input([], .u8, range: 0..<256)])]
    },
    productSums("known zero point", [1, 512], [512, 10], isComputed: false),
    convolution("plain", [1, 8, 9, 8], [16, 8, 3, 3], ["pads": [1, 1, 1, 1]]),
    convolution("channels beyond a step", [1, 17, 7, 6], [24, 17, 3, 3]),
    convolution(
      "stem", [1, 3, 20, 20], [32, 3, 7, 7], ["strides": [2, 2], "pads": [3, 3, 3, 3]]),
    convolution("one channel", [2, 1, 9, 9], [5, 1, 3, 3], ["pads": [1, 1, 1, 1]]),
    convolution("pointwise", [1, 64, 8, 8], [64, 64, 1, 1]),
    convolution("pointwise, odd", [2, 5, 3, 3], [17, 5, 1, 1]),
    convolution("pointwise, strides", [1, 64, 14, 14], [80, 64, 1, 1], ["strides": [2, 2]]),
    convolution("on one pixel", [1, 130, 1, 1], [40, 130, 1, 1]),
    convolution("wide", [1, 64, 6, 40], [48, 64, 3, 3], ["pads": [1, 1, 1, 1]]),
    convolution("many channels", [1, 96, 7, 7], [33, 96, 3, 3], ["pads": [1, 1, 1, 1]]),
    convolution("half a row", [2, 32, 12, 11], [32, 32, 3, 3], ["pads": [1, 1, 1, 1]]),
    convolution(
      "three quarters of a row", [1, 48, 9, 9], [16, 48, 5, 5], ["pads": [2, 2, 2, 2]]),
    convolution(
      "strides", [1, 70, 15, 34], [64, 70, 3, 3], ["strides": [2, 2], "pads": [1, 1, 1, 1]]),
    convolution(
      "dilations", [1, 64, 12, 11], [16, 64, 3, 3], ["dilations": [2, 3], "pads": [2, 3, 2, 3]]),
    convolution(
      "dilations, narrow", [1, 24, 12, 11], [16, 24, 3, 3], ["dilations": [2, 2]]),
    convolution("groups", [1, 32, 7, 7], [64, 16, 3, 3], ["group": 2, "pads": [1, 1, 1, 1]]),
    convolution("small groups", [1, 6, 7, 7], [9, 2, 3, 3], ["group": 3, "pads": [1, 1, 1, 1]]),
    convolution("depthwise", [1, 20, 9, 9], [20, 1, 3, 3], ["group": 20, "pads": [1, 1, 1, 1]]),
    convolution(
      "depthwise, strides", [2, 70, 11, 12], [70, 1, 5, 5],
      ["group": 70, "strides": [2, 2], "pads": [2, 1, 2, 3]]),
    convolution(
      "depthwise, wide window", [1, 32, 9, 14], [32, 1, 3, 7],
      ["group": 32, "strides": [1, 2], "pads": [1, 3, 1, 3]]),
    convolution(
      "depthwise, dilations", [1, 16, 9, 12], [16, 1, 3, 3],
      ["group": 16, "dilations": [2, 3], "pads": [2, 3, 2, 3]]),
    convolution("depthwise, sequence", [2, 24, 40], [24, 1, 5], ["group": 24, "pads": [2, 2]]),
    convolution(
      "residual", [1, 64, 7, 7], [64, 64, 3, 3], ["pads": [1, 1, 1, 1]], isResidual: true),
    convolution(
      "residual, depthwise", [1, 16, 7, 7], [16, 1, 3, 3], ["group": 16, "pads": [1, 1, 1, 1]],
      isResidual: true),
    convolution("sequence", [2, 64, 40], [17, 64, 3], ["pads": [1, 1]]),
    convolution("volume", [1, 32, 5, 6, 7], [17, 32, 3, 3, 3], ["pads": [1, 1, 1, 1, 1, 1]]),
    convolution("unsigned weights", [1, 16, 7, 7], [16, 16, 3, 3], wZero: 128, weights: .u8),
    convolution(
      "weights wider than a byte", [1, 16, 7, 7], [8, 16, 3, 3], wZero: 60, weights: .u8),
    convolution("signed input", [1, 16, 7, 7], [16, 16, 3, 3], xZero: -4, isSigned: true),
    convolution("filtered", [1, 64, 30, 29], [80, 64, 3, 3], ["pads": [1, 1, 1, 1]]),
    convolution(
      "filtered, odd channels", [2, 37, 13, 14], [40, 37, 3, 3], ["pads": [1, 1, 1, 1]],
      isResidual: true),
    convolution(
      "filtered, groups", [1, 64, 11, 12], [64, 32, 3, 3], ["group": 2, "pads": [2, 2, 0, 1]]),
    convolution(
      "filtered, dilations", [1, 32, 14, 13], [48, 32, 3, 3],
      ["dilations": [2, 2], "pads": [2, 2, 2, 2]]),
    convolution(
      "sums beyond 25 bits", [1, 512, 9, 9], [32, 512, 3, 3], ["pads": [1, 1, 1, 1]]),
    product("constant", [9, 64], [64, 48]),
    product("depth beyond a step", [2, 5, 37], [37, 19]),
    product("one row", [1, 512], [512, 10]),
    product("computed", [7, 16], [16, 9], isComputed: true),
    product("computed, batches", [2, 3, 5, 64], [2, 3, 64, 33], isComputed: true),
    product("computed, deep", [3, 300], [300, 20], isComputed: true),
  ]
}

extension GraphSketch {
  /// Weights, and zero points, multiplier and bias behind them, for sums of `terms` products that fill a byte.
  mutating func layer(
    _ shape: [Int], _ type: ElementType, xZero: Int, _ input: ElementType, wZero: Int, terms: Int,
    channels: Int
  ) -> (weights: ValueID, constants: [ValueID?]) {
    let low = type == .u8 ? 0 : -128
    let values = (0..<shape.elementCount).map { _ in low + below(256) }
    let multipliers = (0..<channels).map { _ in
      Float(below(1000) + 500) / (2e6 * Float(terms).squareRoot())
    }
    let biases = (0..<channels).map { _ in Int32(below(20000) - 10000) }
    return (
      constant(Tensor(integers: values, shape: shape, type: type)),
      [
        constant(Tensor(integers: [xZero], shape: [], type: input)),
        constant(Tensor(integers: [wZero], shape: [], type: type)),
        constant(Tensor(multipliers, shape: [channels])),
        constant(Tensor(biases, shape: [channels])),
      ]
    )
  }
}
