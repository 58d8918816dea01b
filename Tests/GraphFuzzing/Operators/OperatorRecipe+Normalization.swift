import Diagnostics
import IR
import Ops
import Tensors

extension OperatorRecipes {
  static let softmax: OperatorRecipe.Grow = { (grower, name) throws(Diagnostic) in
    let x = grower.value(grower.type(name, "T"), rank: 1...4)
    let axis = grower.axis(grower.shape(of: x).count)
    try grower.apply(name, [x]) { $0.int("axis", axis, default: -1) }
  }

  static let normalizations: [OperatorRecipe] = [
    OperatorRecipe("BatchNormalization") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T")
      let x = grower.picture(type)
      let channels = [grower.shape(of: x)[1]]
      var parameters = (0..<3).map { _ in grower.value(type, shape: channels, .within(-2, 2)) }
      parameters.append(grower.value(type, shape: channels, .within(0.25, 2)))
      let epsilon = grower.pick([1e-5, 1e-3])
      try grower.apply(name, [x] + parameters) { $0.float("epsilon", epsilon, default: 1e-5) }
    },
    OperatorRecipe("InstanceNormalization") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T")
      let x = grower.picture(type)
      let channels = [grower.shape(of: x)[1]]
      let parameters = (0..<2).map { _ in grower.value(type, shape: channels, .within(-2, 2)) }
      let epsilon = grower.pick([1e-5, 1e-2])
      try grower.apply(name, [x] + parameters) { $0.float("epsilon", epsilon, default: 1e-5) }
    },
    OperatorRecipe("LayerNormalization", "RMSNormalization") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T")
      let x = grower.value(
        type, rank: 1...4, where: { !$0.shape.contains(0) }, make: { $0.filledShape(rank: 1...4) })
      let shape = grower.shape(of: x)
      let axis = grower.below(shape.count)
      let scale = grower.value(type, shape: Array(shape[axis...]), .within(-2, 2))
      let hasBias = name == "LayerNormalization" && grower.flag()
      let bias = hasBias ? grower.value(type, shape: Array(shape[axis...]), .within(-2, 2)) : nil
      let epsilon = grower.pick([1e-5, 1e-2])
      try grower.apply(name, [x, scale, bias]) {
        $0.int("axis", axis, default: -1)
        $0.float("epsilon", epsilon, default: 1e-5)
      }
    },
    OperatorRecipe("GroupNormalization") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T")
      let x = grower.picture(type)
      let channels = grower.shape(of: x)[1]
      let parameters = (0..<2).map { _ in grower.value(type, shape: [channels], .within(-2, 2)) }
      let groups = grower.pick((1...channels).filter { channels % $0 == 0 })
      try grower.apply(name, [x] + parameters) {
        $0.int("num_groups", groups)
        $0.float("epsilon", 0.001)
      }
    },
    OperatorRecipe("LpNormalization") { (grower, name) throws(Diagnostic) in
      let x = grower.filled(grower.type(name, "T"))
      let axis = grower.axis(grower.shape(of: x).count)
      let p = grower.number(1...2)
      try grower.apply(name, [x]) {
        $0.int("axis", axis, default: -1)
        $0.int("p", p, default: 2)
      }
    },
    OperatorRecipe("LRN") { (grower, name) throws(Diagnostic) in
      let x = grower.picture(grower.type(name, "T"), axes: 2...2)
      let size = grower.pick([1, 3, 5])
      let numbers = [grower.pick([1e-4, 0.5]), grower.pick([0.75, 0.5]), grower.pick([1, 2])]
      try grower.apply(name, [x]) {
        $0.int("size", size)
        $0.float("alpha", numbers[0])
        $0.float("beta", numbers[1])
        $0.float("bias", numbers[2])
      }
    },
    OperatorRecipe("MeanVarianceNormalization") { (grower, name) throws(Diagnostic) in
      let x = grower.filled(grower.type(name, "T"), rank: 4...4)
      let axes = grower.flag() ? grower.axes(4).map { $0 < 0 ? $0 + 4 : $0 }.sorted() : nil
      try grower.apply(name, [x]) { $0.ints("axes", axes) }
    },
    OperatorRecipe("NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss") {
      (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T")
      let x = grower.filled(type, rank: 2...4)
      let shape = grower.shape(of: x)
      let target = grower.indices(
        grower.type(name, "Tind"), [shape[0]] + shape[2...], below: shape[1], negative: false)
      let weights = grower.flag() ? grower.value(type, shape: [shape[1]], .within(0.25, 2)) : nil
      let reduction = grower.pick(["mean", "sum", "none"])
      let ignored = grower.chance(1, of: 4) ? grower.below(shape[1]) : nil
      let outputs = name == "SoftmaxCrossEntropyLoss" ? grower.number(1...2) : 1
      try grower.apply(name, [x, target, weights], outputs: outputs) {
        $0.string("reduction", reduction, default: "mean")
        $0.int("ignore_index", ignored)
      }
    },
  ]
}
