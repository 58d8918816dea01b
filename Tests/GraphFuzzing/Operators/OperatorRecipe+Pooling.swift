import Diagnostics
import IR
import Ops
import Tensors

extension OperatorRecipes {
  static let pool: OperatorRecipe.Grow = { (grower, name) throws(Diagnostic) in
    let x = grower.picture(grower.type(name, "T"))
    let sizes = Array(grower.shape(of: x).dropFirst(2))
    let window = grower.window(over: sizes, kernel: sizes.map { min($0, grower.number(1...3)) })
    let flags = [grower.flag(), grower.flag()]
    let isCounting = grower.accepts(name, "count_include_pad", .int(1), in: window)
    let isRounding = grower.accepts(name, "ceil_mode", .int(1), in: window)
    let power = grower.accepts(name, "p", .int(2), in: window) ? grower.number(1...3) : nil
    let outputs = name == "MaxPool" ? grower.number(1...2) : 1
    try grower.apply(name, [x], outputs: outputs) {
      window.write(to: &$0)
      if isCounting { $0.flag("count_include_pad", flags[0]) }
      if isRounding { $0.flag("ceil_mode", flags[1]) }
      $0.int("p", power, default: 2)
    }
  }

  static let globalPool: OperatorRecipe.Grow = { (grower, name) throws(Diagnostic) in
    let x = grower.picture(grower.type(name, "T"))
    let power = grower.accepts(name, "p", .int(2)) ? grower.number(1...3) : nil
    try grower.apply(name, [x]) { $0.int("p", power, default: 2) }
  }

  static let pools: [OperatorRecipe] = [
    OperatorRecipe("RoiAlign") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T")
      let x = grower.picture(type, axes: 2...2)
      let count = grower.number(1...3)
      let corners = (0..<count).flatMap { _ -> [Double] in
        let start = [Double(grower.below(8)) / 2, Double(grower.below(8)) / 2]
        return start + start.map { $0 + Double(grower.number(1...8)) / 2 }
      }
      let rois = grower.fresh(Tensor(doubles: corners, shape: [count, 4], type: type))
      let batch = grower.indices(.i64, [count], below: grower.shape(of: x)[0], negative: false)
      let sizes = [grower.number(1...3), grower.number(1...3), grower.number(0...3)]
      let mode = grower.pick(["avg", "avg", "max"])
      let transform = grower.pick(["half_pixel", "output_half_pixel"])
      try grower.apply(name, [x, rois, batch]) {
        $0.int("output_height", sizes[0], default: 1)
        $0.int("output_width", sizes[1], default: 1)
        $0.int("sampling_ratio", sizes[2], default: 0)
        $0.float("spatial_scale", 0.5)
        $0.string("mode", mode, default: "avg")
        $0.string("coordinate_transformation_mode", transform, default: "half_pixel")
      }
    },
    OperatorRecipe("MaxRoiPool") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T")
      let x = grower.picture(type, axes: 2...2)
      let count = grower.number(1...3)
      let images = grower.shape(of: x)[0]
      let corners = (0..<count).flatMap { _ -> [Double] in
        let start = [Double(grower.below(4)), Double(grower.below(4))]
        return [Double(grower.below(images))] + start + start.map { $0 + Double(grower.below(6)) }
      }
      let rois = grower.fresh(Tensor(doubles: corners, shape: [count, 5], type: type))
      let sizes = [grower.number(1...3), grower.number(1...3)]
      try grower.apply(name, [x, rois]) { $0.ints("pooled_shape", sizes) }
    },
    OperatorRecipe("MaxUnpool") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T1", among: [.f32, .f64])
      let x = grower.value(
        type, shape: [1, grower.number(1...3), 2 * grower.number(1...4), 2 * grower.number(1...4)])
      let window = WindowAttributes(kernelShape: [2, 2], strides: [2, 2])
      let pooled = try grower.apply("MaxPool", [x], outputs: 2) { window.write(to: &$0) }
      try grower.apply(name, pooled) { window.write(to: &$0) }
    },
  ]
}
