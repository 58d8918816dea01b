import Diagnostics
import IR
import Ops
import Tensors
import TestSupport

extension OperatorRecipes {
  static let indexing: [OperatorRecipe] = [
    OperatorRecipe("Gather") { (grower, name) throws(Diagnostic) in
      let x = grower.filled(grower.type(name, "T"))
      let shape = grower.shape(of: x)
      let axis = grower.axis(shape.count)
      let size = shape[axis < 0 ? axis + shape.count : axis]
      let indices = grower.indices(
        grower.type(name, "Tind"), grower.shape(rank: 0...2), below: size)
      try grower.apply(name, [x, indices]) { $0.int("axis", axis, default: 0) }
    },
    OperatorRecipe("GatherElements") { (grower, name) throws(Diagnostic) in
      let x = grower.filled(grower.type(name, "T"))
      let shape = grower.shape(of: x)
      let axis = grower.below(shape.count)
      let places = shape.enumerated().map { number, size in
        number == axis ? grower.number(1...4) : grower.number(1...size)
      }
      let indices = grower.indices(grower.type(name, "Tind"), places, below: shape[axis])
      try grower.apply(name, [x, indices]) { $0.int("axis", axis, default: 0) }
    },
    OperatorRecipe("GatherND") { (grower, name) throws(Diagnostic) in
      let x = grower.filled(grower.type(name, "T"))
      let shape = grower.shape(of: x)
      let batch = grower.chance(1, of: 3) ? grower.below(shape.count) : 0
      let depth = grower.number(1...shape.count - batch)
      let outer = Array(shape[..<batch]) + (grower.flag() ? [grower.number(1...4)] : [])
      let indices = grower.tuples(outer, bounds: Array(shape[batch..<batch + depth]))
      try grower.apply(name, [x, indices]) { $0.int("batch_dims", batch, default: 0) }
    },
    OperatorRecipe("ScatterElements") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T")
      let x = grower.filled(type)
      let shape = grower.shape(of: x)
      let axis = grower.below(shape.count)
      let places = shape.map { grower.number(1...$0) }
      let reduction = grower.reduction(type)
      // Which of several updates of one place comes last is not said.
      let indices =
        reduction == "none"
        ? grower.distinctIndices(grower.type(name, "Tind"), places, axis, below: shape[axis])
        : grower.indices(grower.type(name, "Tind"), places, below: shape[axis])
      try grower.apply(name, [x, indices, grower.value(type, shape: places)]) {
        $0.int("axis", axis, default: 0)
        $0.string("reduction", reduction, default: "none")
      }
    },
    OperatorRecipe("ScatterND") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T")
      let x = grower.filled(type)
      let shape = grower.shape(of: x)
      let depth = grower.number(1...shape.count)
      let reduction = grower.reduction(type)
      let count = reduction == "none" ? 1 : grower.number(1...4)
      let indices = grower.tuples([count], bounds: Array(shape[..<depth]))
      let updates = grower.value(type, shape: [count] + shape[depth...])
      try grower.apply(name, [x, indices, updates]) {
        $0.string("reduction", reduction, default: "none")
      }
    },
    OperatorRecipe("OneHot") { (grower, name) throws(Diagnostic) in
      let depth = grower.number(1...6)
      let indices = grower.value(
        grower.pick([.i64, .i32, .f32]), rank: 1...3, .within(Double(-depth), Double(depth - 1)),
        where: { tensor in tensor.doubles.allSatisfy { $0 == $0.rounded() } })
      let whole = grower.tensor(indices).doubles.allSatisfy { $0 == $0.rounded() }
      let rank = grower.shape(of: indices).count
      let places =
        whole
        ? indices
        : grower.indices(.i64, grower.shape(of: indices), below: depth)
      let values = grower.value(grower.type(name, "T3", among: .numeric), shape: [2])
      let axis = grower.number(-rank - 1...rank)
      try grower.apply(name, [places, grower.sizes([depth]), values]) {
        $0.int("axis", axis, default: -1)
      }
    },
    OperatorRecipe("NonZero") { (grower, name) throws(Diagnostic) in
      try grower.apply(name, [grower.value(grower.type(name, "T"), rank: 1...4)])
    },
    OperatorRecipe("Compress") { (grower, name) throws(Diagnostic) in
      let x = grower.filled(grower.type(name, "T"))
      let shape = grower.shape(of: x)
      let axis = grower.flag() ? grower.axis(shape.count) : nil
      let size = axis.map { shape[$0 < 0 ? $0 + shape.count : $0] } ?? shape.elementCount
      let condition = grower.value(.bool, shape: [grower.number(1...min(size, 20))])
      try grower.apply(name, [x, condition]) { $0.int("axis", axis) }
    },
    OperatorRecipe("Unique") { (grower, name) throws(Diagnostic) in
      let x = grower.filled(grower.type(name, "T", among: .ordered))
      let axis = grower.flag() ? grower.axis(grower.shape(of: x).count) : nil
      let isSorted = grower.flag()
      try grower.apply(name, [x], outputs: grower.number(1...4)) {
        $0.int("axis", axis)
        $0.flag("sorted", isSorted, default: true)
      }
    },
    OperatorRecipe("Trilu") { (grower, name) throws(Diagnostic) in
      let x = grower.value(grower.type(name, "T"), rank: 2...4)
      let k = grower.flag() ? grower.constant(Tensor(scalar: Int64(grower.number(-3...3)))) : nil
      let isUpper = grower.flag()
      try grower.apply(name, [x, k]) { $0.flag("upper", isUpper, default: true) }
    },
    OperatorRecipe("TensorScatter") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T")
      let cache = grower.filled(type, rank: 3...4)
      let shape = grower.shape(of: cache)
      var part = shape
      let axis = shape.count - 2
      part[axis] = grower.number(1...shape[axis])
      let isCircular = grower.flag()
      let room = isCircular ? shape[axis] : shape[axis] - part[axis] + 1
      let places = grower.indices(.i64, [shape[0]], below: room, negative: false)
      let starts = grower.chance(2, of: 3) ? places : nil
      try grower.apply(name, [cache, grower.value(type, shape: part), starts]) {
        $0.string("mode", isCircular ? "circular" : "linear", default: "linear")
      }
    },
    OperatorRecipe("NonMaxSuppression") { (grower, name) throws(Diagnostic) in
      let count = grower.number(1...8)
      let batch = grower.number(1...2)
      let corners = grower.random
      var random = corners
      let boxes = (0..<batch * count).flatMap { _ -> [Float] in
        let start = [random.below(20), random.below(20)].map { Float($0) / 4 }
        let size = [random.below(8) + 1, random.below(8) + 1].map { Float($0) / 4 }
        return start + [start[0] + size[0], start[1] + size[1]]
      }
      grower.random = random
      let scores = grower.value(.f32, shape: [batch, grower.number(1...2), count], .within(0, 1))
      let limits = [
        grower.constant(Tensor([Int64(grower.number(0...4))], shape: [1])),
        grower.constant(Tensor([Float(grower.below(4)) / 4], shape: [1])),
        grower.constant(Tensor([Float(grower.below(4)) / 8], shape: [1])),
      ]
      let given = grower.number(0...3)
      let isCentred = grower.chance(1, of: 4)
      let placed = grower.fresh(Tensor(boxes, shape: [batch, count, 4]))
      try grower.apply(name, [placed, scores] + limits.prefix(given).map { $0 }) {
        $0.flag("center_point_box", isCentred)
      }
    },
  ]
}

extension TypeSet {
  /// Types with an order.
  static let ordered = TypeSet.integers.union(.floats)
}

extension GraphGrower {
  /// A value without an axis of no elements.
  mutating func filled(
    _ type: ElementType, rank: ClosedRange<Int> = 1...4, _ numbers: Numbers = .tame
  ) -> ValueID {
    value(
      type, rank: rank, numbers, where: { !$0.shape.contains(0) },
      make: { $0.filledShape(rank: rank) })
  }

  /// Places on an axis, some counted from the back.
  mutating func indices(
    _ type: ElementType, _ shape: [Int], below size: Int, negative: Bool = true
  ) -> ValueID {
    let least = negative && flag() ? Double(-size) : 0
    return fresh(Numbers.within(least, Double(size - 1)).tensor(type, shape, &random))
  }

  /// Places of which no two along the axis are the same.
  mutating func distinctIndices(
    _ type: ElementType, _ shape: [Int], _ axis: Int, below size: Int
  ) -> ValueID {
    let order = Array(0..<size).shuffled(using: &random)
    let stride = shape.rowMajorStrides[axis]
    let places = (0..<shape.elementCount).map { order[$0 / stride % shape[axis]] }
    return fresh(Tensor(integers: places, shape: shape, type: type))
  }

  /// Lists of places on several axes.
  mutating func tuples(_ outer: [Int], bounds: [Int]) -> ValueID {
    var places: [Int] = []
    for _ in 0..<outer.elementCount { places += bounds.map { below($0) } }
    return fresh(Tensor(integers: places, shape: outer + [bounds.count], type: .i64))
  }

  /// What scatters do with several updates of one place.
  mutating func reduction(_ type: ElementType) -> String {
    TypeSet.ordered.contains(type) ? pick(["none", "none", "add", "mul", "min", "max"]) : "none"
  }
}
