import Diagnostics
import IR
import Ops
import Tensors

extension OperatorRecipes {
  static let movements: [OperatorRecipe] = [
    OperatorRecipe("Transpose") { (grower, name) throws(Diagnostic) in
      let x = grower.value(grower.type(name, "T"), .any)
      let axes = Array(grower.shape(of: x).indices).shuffled(using: &grower.random)
      let permutation = grower.chance(1, of: 6) ? nil : axes
      try grower.apply(name, [x]) { $0.ints("perm", permutation) }
    },
    OperatorRecipe("Reshape") { (grower, name) throws(Diagnostic) in
      let x = grower.value(grower.type(name, "T"), .any)
      let shape = grower.shape(of: x)
      var wanted = grower.factors(shape.elementCount)
      if !shape.contains(0) {
        if grower.flag(), !wanted.isEmpty { wanted[grower.below(wanted.count)] = -1 }
        if let first = shape.first, wanted.first == first, grower.flag() { wanted[0] = 0 }
      }
      let keepsZeros = shape.contains(0) || (grower.chance(1, of: 8) && !wanted.contains(0))
      try grower.apply(name, [x, grower.sizes(wanted)]) { $0.flag("allowzero", keepsZeros) }
    },
    OperatorRecipe("Flatten") { (grower, name) throws(Diagnostic) in
      let x = grower.value(grower.type(name, "T"), .any)
      let rank = grower.shape(of: x).count
      let axis = grower.number(-rank...rank)
      try grower.apply(name, [x]) { $0.int("axis", axis, default: 1) }
    },
    OperatorRecipe("Squeeze") { (grower, name) throws(Diagnostic) in
      let x = grower.value(grower.type(name, "T"), .any)
      let ones = grower.shape(of: x).indices.filter { grower.shape(of: x)[$0] == 1 }
      let some = ones.filter { _ in grower.flag() }
      let axes = some.isEmpty || grower.chance(1, of: 4) ? nil : grower.integers(some)
      try grower.apply(name, [x, axes])
    },
    OperatorRecipe("Unsqueeze") { (grower, name) throws(Diagnostic) in
      let x = grower.value(grower.type(name, "T"), rank: 0...3, .any)
      let rank = grower.shape(of: x).count + grower.number(1...2)
      let axes = Array(0..<rank).shuffled(using: &grower.random)
        .prefix(rank - grower.shape(of: x).count)
      let isFromBack = grower.chance(1, of: 3)
      try grower.apply(
        name, [x, grower.integers(axes.map { isFromBack ? $0 - rank : $0 })])
    },
    OperatorRecipe("Concat") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T")
      var parts = [grower.value(type, rank: 1...4, .any)]
      let shape = grower.shape(of: parts[0])
      let axis = grower.below(shape.count)
      for _ in 0..<grower.below(4) {
        parts.append(
          grower.value(
            type, rank: shape.count...shape.count, .any,
            where: { other in
              shape.indices.allSatisfy { $0 == axis || other.shape[$0] == shape[$0] }
            },
            make: { grower in
              shape.indices.map { $0 == axis ? grower.number(1...4) : shape[$0] }
            }))
      }
      let place = grower.flag() ? axis : axis - shape.count
      try grower.apply(name, parts.shuffled(using: &grower.random)) { $0.int("axis", place) }
    },
    OperatorRecipe("Split") { (grower, name) throws(Diagnostic) in
      let x = grower.value(
        grower.type(name, "T"), rank: 1...4, .any, where: { !$0.shape.contains(0) },
        make: { $0.filledShape(rank: 1...4) })
      let shape = grower.shape(of: x)
      let axis = grower.below(shape.count)
      let count = min(shape[axis], grower.number(1...4))
      if grower.flag() {
        let cuts = Array(1..<max(shape[axis], 1)).shuffled(using: &grower.random)
          .prefix(count - 1).sorted()
        let ends = cuts + [shape[axis]]
        let sizes = zip([0] + cuts, ends).map { $1 - $0 }
        try grower.apply(name, [x, grower.sizes(sizes)], outputs: count) {
          $0.int("axis", axis, default: 0)
        }
      } else {
        // What num_outputs means where chunks do not cover the axis differs between runtimes.
        let chunk = (shape[axis] + count - 1) / count
        let parts = (shape[axis] + chunk - 1) / chunk
        try grower.apply(name, [x], outputs: parts) {
          $0.int("axis", axis, default: 0)
          $0.int("num_outputs", parts)
        }
      }
    },
    OperatorRecipe("Slice") { (grower, name) throws(Diagnostic) in
      let x = grower.value(grower.type(name, "T"), rank: 1...4, .any)
      let shape = grower.shape(of: x)
      let index = grower.type(name, "Tind")
      let axes = grower.axes(shape.count)
      let steps = axes.map { _ in grower.pick([1, 1, 1, 2, 3, -1, -2]) }
      let bounds = zip(axes, steps).map { axis, step -> (Int, Int) in
        let size = shape[axis < 0 ? axis + shape.count : axis]
        let ends = [grower.number(-size - 1...size + 1), grower.number(-size - 1...size + 1)]
        return step > 0 && grower.chance(1, of: 3) ? (0, Int(Int32.max)) : (ends[0], ends[1])
      }
      let lists = [bounds.map(\.0), bounds.map(\.1), axes, steps].map {
        grower.sizes($0, index)
      }
      try grower.apply(
        name, [x] + (steps.allSatisfy { $0 == 1 } ? Array(lists.prefix(3)) : lists))
    },
    OperatorRecipe("Pad") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T")
      let mode = grower.pick(["constant", "constant", "reflect", "edge", "wrap"])
      let x = grower.value(
        type, rank: 1...4, .any, where: { mode == "constant" || !$0.shape.contains(0) },
        make: { $0.filledShape(rank: 1...4) })
      let shape = grower.shape(of: x)
      let axes = grower.flag() ? Array(shape.indices) : grower.axes(shape.count)
      let sizes = axes.map { shape[$0 < 0 ? $0 + shape.count : $0] }
      let pads = (sizes + sizes).map { size in
        mode == "constant" && size > 0 && grower.chance(1, of: 6)
          ? -1 : grower.below(min(3, mode == "constant" ? 3 : size))
      }
      let fill =
        mode == "constant" && grower.flag() && type != .string
        ? grower.scalar(1, type) : nil
      let list = axes == Array(shape.indices) ? nil : grower.integers(axes)
      try grower.apply(name, [x, grower.sizes(pads), fill, list]) {
        $0.string("mode", mode, default: "constant")
      }
    },
    OperatorRecipe("Expand") { (grower, name) throws(Diagnostic) in
      let x = grower.value(grower.type(name, "T"), .any)
      var shape = grower.shape(of: x).map { $0 == 1 && grower.flag() ? grower.size() : $0 }
      if shape.count < 4, grower.flag() { shape.insert(grower.number(1...3), at: 0) }
      let wanted = shape.map { $0 > 1 && grower.chance(1, of: 8) ? $0 : $0 }
      try grower.apply(name, [x, grower.sizes(wanted)])
    },
    OperatorRecipe("Tile") { (grower, name) throws(Diagnostic) in
      let x = grower.value(grower.type(name, "T"), rank: 1...4, .any)
      let repeats = grower.shape(of: x).map { _ in grower.pick([1, 1, 2, 3]) }
      try grower.apply(name, [x, grower.sizes(repeats)])
    },
    OperatorRecipe("Shape") { (grower, name) throws(Diagnostic) in
      let x = grower.value(grower.type(name, "T"), .any)
      let rank = grower.shape(of: x).count
      let start = grower.flag() ? grower.number(-rank...rank) : 0
      let end = grower.flag() ? grower.number(-rank...rank) : nil
      try grower.apply(name, [x]) {
        $0.int("start", start, default: 0)
        $0.int("end", end)
      }
    },
    OperatorRecipe("Size") { (grower, name) throws(Diagnostic) in
      try grower.apply(name, [grower.value(grower.type(name, "T"), .any)])
    },
    OperatorRecipe("DepthToSpace") { (grower, name) throws(Diagnostic) in
      let block = grower.number(1...3)
      let x = grower.value(
        grower.type(name, "T"), rank: 4...4, .any,
        where: { $0.shape[1] % (block * block) == 0 },
        make: {
          [$0.number(1...2), block * block * $0.number(1...3), $0.number(1...4), $0.number(1...4)]
        })
      let mode = grower.pick(["DCR", "CRD"])
      try grower.apply(name, [x]) {
        $0.int("blocksize", block)
        $0.string("mode", mode, default: "DCR")
      }
    },
    OperatorRecipe("SpaceToDepth") { (grower, name) throws(Diagnostic) in
      let block = grower.number(1...3)
      let x = grower.value(
        grower.type(name, "T"), rank: 4...4, .any,
        where: { $0.shape[2] % block == 0 && $0.shape[3] % block == 0 },
        make: {
          [$0.number(1...2), $0.number(1...4), block * $0.number(1...3), block * $0.number(1...3)]
        })
      try grower.apply(name, [x]) { $0.int("blocksize", block) }
    },
    OperatorRecipe("CenterCropPad") { (grower, name) throws(Diagnostic) in
      let x = grower.value(grower.type(name, "T"), rank: 1...4, .any)
      let rank = grower.shape(of: x).count
      let axes = grower.flag() ? Array(0..<rank) : grower.axes(rank)
      let sizes = axes.map { _ in grower.number(1...6) }
      let list = axes == Array(0..<rank) ? nil : axes
      try grower.apply(name, [x, grower.sizes(sizes, grower.type(name, "Tind"))]) {
        $0.ints("axes", list)
      }
    },
    OperatorRecipe("ReverseSequence") { (grower, name) throws(Diagnostic) in
      let x = grower.value(grower.type(name, "T"), rank: 2...4, .any)
      let shape = grower.shape(of: x)
      let time = grower.below(2)
      let lengths = (0..<shape[1 - time]).map { _ in
        shape[time] == 0 ? 0 : grower.number(1...shape[time])
      }
      try grower.apply(name, [x, grower.integers(lengths)]) {
        $0.int("time_axis", time, default: 0)
        $0.int("batch_axis", 1 - time, default: 1)
      }
    },
  ]
}

extension GraphGrower {
  /// Some shape with so many elements.
  mutating func factors(_ count: Int) -> [Int] {
    if count == 0 { return [number(1...3), 0] }
    var rest = count
    var shape: [Int] = []
    for _ in 0..<below(4) {
      let divisors = (1...max(rest, 1)).filter { rest % $0 == 0 }
      let factor = pick(divisors)
      shape.append(factor)
      rest /= factor
    }
    return rest > 1 || shape.isEmpty && flag() ? shape + [rest] : shape
  }
}
