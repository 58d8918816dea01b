import Diagnostics
import IR
import Ops
import Tensors

extension OperatorRecipes {
  static let generators: [OperatorRecipe] = [
    OperatorRecipe("ConstantOfShape") { (grower, name) throws(Diagnostic) in
      let shape = grower.sizes(grower.shape())
      let type = grower.type(name, "T2", among: .ordered)
      let value = Numbers.any.tensor(type, [1], &grower.random)
      let hasValue = grower.chance(3, of: 4)
      try grower.apply(name, [shape]) { if hasValue { $0["value"] = .tensor(value) } }
    },
    OperatorRecipe("EyeLike") { (grower, name) throws(Diagnostic) in
      let x = grower.value(grower.type(name, "T1"), rank: 2...2)
      let diagonal = grower.number(-2...2)
      let type = grower.flag() ? Int(grower.type(name, "T2").rawValue) : nil
      try grower.apply(name, [x]) {
        $0.int("k", diagonal, default: 0)
        $0.int("dtype", type)
      }
    },
    OperatorRecipe("Range") { (grower, name) throws(Diagnostic) in
      // Numbers whose sums are exact: how many there are must not hang on a rounding.
      let type = grower.type(name, "T")
      let step = type.isInteger ? 1 : 0.25
      let start = Double(grower.number(-8...8)) * step
      let delta = Double(grower.pick([-3, -2, -1, 1, 2, 3])) * step
      let limit =
        start + delta * Double(grower.below(12)) + (delta > 0 ? -1 : 1) * step
        * Double(grower.below(2))
      try grower.apply(name, [start, limit, delta].map { grower.scalar($0, type) })
    },
    OperatorRecipe("HannWindow", "HammingWindow", "BlackmanWindow") {
      (grower, name) throws(Diagnostic) in
      let size = grower.scalar(Double(grower.number(1...20)), grower.type(name, "T1"))
      let isPeriodic = grower.flag()
      let type = Int(grower.type(name, "T2", among: .floats).rawValue)
      try grower.apply(name, [size]) {
        $0.flag("periodic", isPeriodic, default: true)
        $0.int("output_datatype", type, default: 1)
      }
    },
    OperatorRecipe("MelWeightMatrix") { (grower, name) throws(Diagnostic) in
      let whole = grower.type(name, "T1")
      let sizes = [grower.number(1...8), grower.pick([8, 16, 32]), grower.pick([8000, 16000])]
      let edges = [
        grower.scalar(0, .f32), grower.scalar(Double(grower.number(1...4)) * 1000, .f32),
      ]
      try grower.apply(name, sizes.map { grower.scalar(Double($0), whole) } + edges)
    },
    OperatorRecipe("DFT") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T1")
      let parts = grower.number(1...2)
      let signal = grower.value(
        type, shape: [grower.number(1...2), grower.pick([1, 2, 3, 4, 5, 7, 8, 12, 16]), parts])
      let length = grower.flag() ? grower.scalar(Double(grower.number(1...16)), .i64) : nil
      let axis = grower.flag() ? grower.scalar(1, .i64) : nil
      let isInverse = grower.flag()
      let isOneSided = parts == 1 && !isInverse && grower.flag()
      try grower.apply(name, [signal, length, axis]) {
        $0.flag("inverse", isInverse)
        $0.flag("onesided", isOneSided)
      }
    },
    OperatorRecipe("STFT") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T1")
      let frame = grower.pick([2, 4, 5, 8])
      let signal = grower.value(type, shape: [grower.number(1...2), frame + grower.below(12), 1])
      let step = grower.scalar(Double(grower.number(1...4)), .i64)
      let window = grower.flag() ? grower.value(type, shape: [frame]) : nil
      let length = window == nil || grower.flag() ? grower.scalar(Double(frame), .i64) : nil
      let isOneSided = grower.flag()
      try grower.apply(name, [signal, step, window, length]) {
        $0.flag("onesided", isOneSided, default: true)
      }
    },
  ]
}
