import IR
import Tensors

extension OpProblem {
  /// A transposed convolution of bytes `x[N, C, ...]` with bytes `w[C, M/group, ...]`, rounded to bytes; exact.
  private static func convolution(
    _ what: String, _ x: [Int], _ w: [Int], _ attributes: [String: AttributeLiteral] = [:],
    group: Int = 1, wZero: Int = 0, weights: ElementType = .i8
  ) -> OpProblem {
    OpProblem(
      "ConvTransposeIntegerToFloat \(x)\(w) \(what)", tolerance: .exact, opens: [.batch]
    ) { g in
      let image = g.input(x, .u8, fixed: Set(1..<x.count), range: 0..<256)
      let operands = g.layer(
        w, weights, xZero: 7, .u8, wZero: wZero, terms: w[0] / group, channels: w[1] * group)
      let y = try g.node(
        "martlet.ConvTransposeIntegerToFloat", [image, operands.weights] + operands.constants,
        attributes.merging(["group": .value(.int(group))]) { own, _ in own })
      return [try g.node("martlet.RoundToInteger", [y], ["to": 2, "zero_point": 11])]
    }
  }

  static let transposedIntegerLayers: [OpProblem] = [
    convolution("stride of the kernel", [1, 16, 6, 5], [16, 24, 2, 2], ["strides": [2, 2]]),
    convolution(
      "overlapping, with padding", [2, 20, 7, 6], [20, 17, 3, 3],
      ["strides": [2, 2], "pads": [1, 1, 1, 1], "output_padding": [1, 1]]),
    convolution(
      "even kernel", [1, 64, 5, 9], [64, 48, 4, 4], ["strides": [2, 2], "pads": [1, 1, 1, 1]]),
    convolution("stride of one", [1, 32, 9, 10], [32, 48, 3, 3], ["pads": [1, 1, 1, 1]]),
    convolution("stride of one, dilated", [1, 8, 9, 10], [8, 16, 3, 3], ["dilations": [2, 3]]),
    convolution(
      "unequal strides", [1, 12, 5, 6], [12, 5, 3, 5], ["strides": [1, 3], "pads": [0, 2, 1, 1]]),
    convolution("one channel", [1, 1, 6, 6], [1, 3, 4, 4], ["strides": [2, 2]]),
    convolution("groups in fours", [1, 32, 6, 6], [32, 9, 3, 3], ["strides": [2, 2]], group: 2),
    convolution("small groups", [1, 6, 6, 5], [6, 3, 2, 2], ["strides": [2, 2]], group: 3),
    convolution(
      "depthwise", [1, 20, 6, 5], [20, 1, 4, 4], ["strides": [2, 2], "pads": [1, 1, 1, 1]],
      group: 20),
    convolution("depthwise, stride of one", [1, 20, 6, 9], [20, 1, 3, 3], group: 20),
    convolution("sequence", [2, 64, 20], [64, 17, 4], ["strides": [2], "pads": [1, 1]]),
    convolution("volume", [1, 16, 3, 4, 5], [16, 8, 2, 2, 2], ["strides": [2, 2, 2]]),
    convolution(
      "unsigned weights", [1, 16, 6, 6], [16, 16, 3, 3], ["strides": [2, 2]], wZero: 128,
      weights: .u8),
    convolution(
      "stated output", [1, 8, 5, 5], [8, 8, 3, 3], ["strides": [2, 2], "output_shape": [10, 9]]),
  ]
}
