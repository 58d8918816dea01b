import Diagnostics
import IR
import Ops
import Tensors

extension OperatorRecipes {
  static let convolutions: [OperatorRecipe] = [
    OperatorRecipe("Conv") { (grower, name) throws(Diagnostic) in
      let x = grower.picture(grower.type(name, "T"), channels: [1, 2, 3, 4, 8, 16, 17])
      try grower.convolve(name, x)
    },
    OperatorRecipe("ConvTranspose") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T")
      let x = grower.picture(type)
      let shape = grower.shape(of: x)
      let group =
        shape[1] % 2 == 0 && grower.chance(1, of: 3) ? 2 : grower.chance(1, of: 4) ? shape[1] : 1
      let kernel = shape.dropFirst(2).map { _ in grower.number(1...3) }
      let outputs = grower.number(1...5)
      let weights = grower.value(type, shape: [shape[1], outputs] + kernel)
      let bias = grower.flag() ? grower.value(type, shape: [outputs * group]) : nil
      let strides = kernel.map { _ in grower.number(1...3) }
      let dilations = kernel.map { _ in grower.pick([1, 1, 2]) }
      // Cropping takes less than the smallest result has.
      let pads = (kernel + kernel).map { $0 > 1 ? grower.below(2) : 0 }
      // onnxruntime takes no more than a stride, the standard as much as a dilation.
      let extra = strides.map { grower.below($0) }
      try grower.apply(name, [x, weights, bias]) {
        $0.int("group", group, default: 1)
        $0.ints("strides", strides)
        $0.ints("dilations", dilations)
        $0.ints("pads", pads)
        $0.ints("output_padding", extra)
      }
    },
    OperatorRecipe("DeformConv") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T")
      let x = grower.picture(type, axes: 2...2)
      let shape = grower.shape(of: x)
      let kernel = [min(shape[2], grower.number(1...3)), min(shape[3], grower.number(1...3))]
      let sides = [shape[2] - kernel[0] + 1, shape[3] - kernel[1] + 1]
      let groups = shape[1] % 2 == 0 && grower.flag() ? 2 : 1
      let outputs = grower.number(1...4)
      let window = kernel[0] * kernel[1]
      let operands = [
        x, grower.value(type, shape: [outputs, shape[1]] + kernel),
        grower.value(type, shape: [shape[0], groups * window * 2] + sides, .within(-2, 2)),
        grower.flag() ? grower.value(type, shape: [outputs]) : nil,
        grower.flag()
          ? grower.value(type, shape: [shape[0], groups * window] + sides, .within(0, 1)) : nil,
      ]
      try grower.apply(name, operands) { $0.int("offset_group", groups, default: 1) }
    },
    OperatorRecipe("Col2Im") { (grower, name) throws(Diagnostic) in
      let block = [grower.number(1...3), grower.number(1...3)]
      let image = block.map { $0 + grower.below(4) }
      let strides = [grower.number(1...2), grower.number(1...2)]
      let steps = zip(zip(image, block), strides).map { ($0.0 - $0.1) / $1 + 1 }
      let x = grower.value(
        grower.type(name, "T", among: .ordered),
        shape: [
          grower.number(1...2), grower.number(1...3) * block.elementCount, steps.elementCount,
        ])
      try grower.apply(name, [x, grower.sizes(image), grower.integers(block)]) {
        $0.ints("strides", strides)
      }
    },
    OperatorRecipe("CausalConvWithState") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T")
      let x = grower.value(
        type, shape: [grower.number(1...2), grower.number(1...5), grower.number(1...8)])
      let shape = grower.shape(of: x)
      let width = grower.number(1...4)
      let operands = [
        x, grower.value(type, shape: [shape[1], 1, width]),
        grower.flag() ? grower.value(type, shape: [shape[1]]) : nil,
        grower.flag() ? grower.value(type, shape: [shape[0], shape[1], width - 1]) : nil,
      ]
      let activation = grower.pick(["none", "silu", "swish"])
      try grower.apply(name, operands, outputs: 2) {
        $0.string("activation", activation, default: "none")
      }
    },
  ]
}
