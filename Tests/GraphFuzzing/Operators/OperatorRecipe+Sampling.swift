import Diagnostics
import IR
import Ops
import Tensors

extension OperatorRecipes {
  static let samplings: [OperatorRecipe] = [
    OperatorRecipe("GridSample") { (grower, name) throws(Diagnostic) in
      let x = grower.picture(grower.type(name, "T1", among: [.f32, .f64, .f16]), axes: 2...2)
      let type = grower.tensor(x).type
      let grid = grower.value(
        type, shape: [grower.shape(of: x)[0], grower.number(1...4), grower.number(1...4), 2],
        .within(-1.25, 1.25))
      let modes = [
        grower.pick(["linear", "nearest", "cubic"]),
        grower.pick(["zeros", "border", "reflection"]),
      ]
      let isAligned = grower.flag()
      try grower.apply(name, [x, grid]) {
        $0.string("mode", modes[0], default: "linear")
        $0.string("padding_mode", modes[1], default: "zeros")
        $0.flag("align_corners", isAligned)
      }
    },
    OperatorRecipe("AffineGrid") { (grower, name) throws(Diagnostic) in
      let count = grower.number(1...2)
      let theta = grower.value(grower.type(name, "T1"), shape: [count, 2, 3])
      let sizes = [count, grower.number(1...3), grower.number(1...5), grower.number(1...5)]
      let isAligned = grower.flag()
      try grower.apply(name, [theta, grower.sizes(sizes)]) {
        $0.flag("align_corners", isAligned)
      }
    },
    OperatorRecipe("Resize") { (grower, name) throws(Diagnostic) in
      let mode = grower.pick(["nearest", "linear", "cubic"])
      let x = grower.picture(
        grower.type(name, "T1", among: mode == "nearest" ? .ordered : [.f32, .f64, .f16]),
        axes: 1...2)
      let shape = grower.shape(of: x)
      let scales = shape.indices.map { $0 < 2 ? 1.0 : grower.pick([0.5, 1, 2, 4]) }
      // Positions that are exact in single precision, where nearest elements tie.
      let sizes = shape.enumerated().map { axis, size in
        axis < 2 ? size : mode == "nearest" ? size * grower.pick([1, 2, 4]) : grower.number(1...10)
      }
      let transform = grower.pick([
        "half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel", "half_pixel_symmetric",
      ])
      let rounding = grower.pick(["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"])
      let useScales = grower.flag() && zip(shape, scales).allSatisfy { Double($0) * $1 >= 1 }
      let isAntialiased = mode != "nearest" && grower.chance(1, of: 4)
      let excludes = mode == "cubic" && grower.flag()
      let operands =
        useScales
        ? [x, nil, grower.constant(Tensor(scales.map { Float($0) }, shape: [scales.count]))]
        : [x, nil, nil, grower.sizes(sizes)]
      try grower.apply(name, operands) {
        $0.string("mode", mode, default: "nearest")
        $0.string("coordinate_transformation_mode", transform, default: "half_pixel")
        if mode == "nearest" { $0.string("nearest_mode", rounding, default: "round_prefer_floor") }
        $0.flag("antialias", isAntialiased)
        $0.flag("exclude_outside", excludes)
      }
    },
  ]
}
