import Diagnostics
import IR
import Ops
import Tensors

extension OperatorRecipes {
  static let reduction: OperatorRecipe.Grow = { (grower, name) throws(Diagnostic) in
    let type = grower.type(name, "T")
    // Products and powers of many numbers stay in range.
    let isProduct = name == "ReduceProd"
    let numbers: Numbers =
      isProduct && type.isInteger
      // What overflows wraps here and is clamped by onnxruntime; the standard says neither.
      ? .within(-1, 1)
      : isProduct || name.hasPrefix("ReduceLog") ? .within(0.5, 2) : .tame
    // The mean of nothing is not defined.
    let mayBeEmpty = name != "ReduceMean"
    let x = grower.value(
      type, numbers, where: { mayBeEmpty || !$0.shape.contains(0) },
      make: { mayBeEmpty ? $0.shape() : $0.filledShape(rank: 0...4) })
    let rank = grower.shape(of: x).count
    let axes = grower.axes(rank)
    let list = grower.chance(1, of: 4) ? nil : grower.integers(axes)
    let flags = [grower.flag(), grower.chance(1, of: 4)]
    try grower.apply(name, [x, list]) {
      $0.flag("keepdims", flags[0], default: true)
      $0.flag("noop_with_empty_axes", flags[1])
    }
  }

  static let argReduction: OperatorRecipe.Grow = { (grower, name) throws(Diagnostic) in
    let x = grower.value(
      grower.type(name, "T"), rank: 1...4, where: { !$0.shape.contains(0) },
      make: { $0.filledShape(rank: 1...4) })
    let axis = grower.axis(grower.shape(of: x).count)
    let flags = [grower.flag(), grower.flag()]
    try grower.apply(name, [x]) {
      $0.int("axis", axis, default: 0)
      $0.flag("keepdims", flags[0], default: true)
      $0.flag("select_last_index", flags[1])
    }
  }

  static let cumulation: OperatorRecipe.Grow = { (grower, name) throws(Diagnostic) in
    let numbers: Numbers = name == "CumProd" ? .within(0.5, 2) : .tame
    let x = grower.value(grower.type(name, "T"), rank: 1...4, numbers)
    let axis = grower.axis(grower.shape(of: x).count)
    let place = grower.constant(
      Tensor(integers: [axis], shape: [], type: grower.pick([.i32, .i64])))
    let flags = [grower.flag(), grower.flag()]
    try grower.apply(name, [x, place]) {
      $0.flag("exclusive", flags[0])
      $0.flag("reverse", flags[1])
    }
  }

  static let reductions: [OperatorRecipe] = [
    OperatorRecipe("TopK") { (grower, name) throws(Diagnostic) in
      let x = grower.value(grower.type(name, "T"), rank: 1...4)
      let shape = grower.shape(of: x)
      let axis = grower.below(shape.count)
      let k = grower.sizes([grower.below(shape[axis] + 1)])
      let largest = grower.flag()
      try grower.apply(name, [x, k], outputs: 2) {
        $0.int("axis", axis, default: -1)
        $0.flag("largest", largest, default: true)
      }
    }
  ]
}

extension GraphGrower {
  /// Distinct axes of a rank, at least one where there is one.
  mutating func axes(_ rank: Int) -> [Int] {
    guard rank > 0 else { return [] }
    let all = Array(0..<rank).shuffled(using: &random)
    let axes = Array(all.prefix(number(1...rank)))
    let isFromBack = chance(1, of: 3)
    return axes.map { isFromBack ? $0 - rank : $0 }
  }

  /// A shape without zeros.
  mutating func filledShape(rank: ClosedRange<Int>) -> [Int] {
    shape(rank: rank).map { max($0, 1) }
  }
}
