import Diagnostics
import IR
import Ops
import Tensors

extension OperatorRecipes {
  /// Attributes that elementwise operators may have; which of them one has, its decoder says.
  private static let shapeParameters = ["alpha", "beta", "gamma"]

  /// One tensor of any numbers, and each of the operator's parameters now and then.
  static let unary: OperatorRecipe.Grow = { (grower, name) throws(Diagnostic) in
    let type = grower.type(name, "T")
    let x = grower.value(type, grower.flag() ? .any : .tame)
    let set = shapeParameters.filter { name in grower.chance(1, of: 2) }.filter {
      grower.accepts(name, $0, .float(0.5))
    }
    // Celu divides by its parameter.
    let values = set.map { _ in grower.pick([0.25, 0.5, 1, 1.5, 2, name == "Celu" ? 1 : 0]) }
    try grower.apply(name, [x]) {
      for (name, value) in zip(set, values) { $0.float(name, value) }
    }
  }

  /// Two tensors that broadcast.
  static let binary: OperatorRecipe.Grow = { (grower, name) throws(Diagnostic) in
    let type = grower.type(name, "T")
    let numbers: Numbers = grower.chance(1, of: 3) ? .any : .tame
    let pair = grower.pair(type, numbers)
    try grower.apply(name, pair)
  }

  static let variadic: OperatorRecipe.Grow = { (grower, name) throws(Diagnostic) in
    let type = grower.type(name, "T")
    let numbers: Numbers = grower.chance(1, of: 3) ? .any : .tame
    var operands = [grower.value(type, numbers)]
    let shape = grower.shape(of: operands[0])
    for _ in 0..<grower.below(4) {
      operands.append(grower.value(type, broadcastingWith: shape, numbers))
    }
    try grower.apply(name, operands)
  }

  static let elementwise: [OperatorRecipe] = [
    OperatorRecipe("And", "Or", "Xor") { (grower, name) throws(Diagnostic) in
      try grower.apply(name, grower.pair(.bool, .tame))
    },
    OperatorRecipe("Not") { (grower, name) throws(Diagnostic) in
      try grower.apply(name, [grower.value(.bool)])
    },
    OperatorRecipe("BitwiseNot") { (grower, name) throws(Diagnostic) in
      try grower.apply(name, [grower.value(grower.type(name, "T"), .any)])
    },
    OperatorRecipe("Identity") { (grower, name) throws(Diagnostic) in
      try grower.apply(name, [grower.value(grower.type("Reshape", "T"), .any)])
    },
    OperatorRecipe("Div", "Mod") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T")
      let a = grower.value(type, type.isFloat && grower.flag() ? .any : .tame)
      let divisor = grower.divisor(type, of: grower.shape(of: a))
      // The remainder of floats is defined as C's alone before opset 28.
      let isC = name == "Mod" && (type.isFloat || grower.flag())
      try grower.apply(name, [a, divisor]) { $0.flag("fmod", isC) }
    },
    OperatorRecipe("Pow") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T")
      let exponent = type.isInteger ? type : grower.pick([type, type, type, .i32, .i64])
      let x = grower.value(type, .within(type.isInteger ? -4 : 0.0625, 4))
      let shape = grower.shape(of: x)
      let y =
        grower.flag()
        ? grower.constant(
          Tensor(
            doubles: [grower.pick(exponent.isInteger ? [0, 1, 2, 3] : [0, 0.5, 1, 2, 3, -1])],
            shape: [], type: exponent))
        : grower.value(
          exponent, broadcastingWith: shape, .within(exponent.isInteger ? 0 : -3, 3))
      try grower.apply(name, [x, y])
    },
    OperatorRecipe("BitShift") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T", among: .unsignedIntegers)
      let x = grower.value(type, .any)
      let y = grower.value(
        type, broadcastingWith: grower.shape(of: x), .within(0, Double(type.bitWidth - 1)))
      let direction = grower.pick(["LEFT", "RIGHT"])
      try grower.apply(name, [x, y]) { $0.string("direction", direction) }
    },
    OperatorRecipe("PRelu") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T")
      let x = grower.value(type, .tame)
      let shape = grower.shape(of: x)
      let slope = grower.value(
        type,
        where: { other in
          other.rank <= shape.count
            && zip(other.shape.reversed(), shape.reversed()).allSatisfy { $0 == $1 || $0 == 1 }
        },
        make: { grower in
          shape.map { grower.flag() ? $0 : 1 }.suffix(grower.below(shape.count + 1))
        })
      try grower.apply(name, [x, slope])
    },
    OperatorRecipe("Clip") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T")
      let x = grower.value(type, grower.flag() ? .any : .tame)
      let low = grower.flag() ? grower.scalar(Double(grower.below(3)), type) : nil
      let high = grower.flag() ? grower.scalar(Double(grower.number(2...6)), type) : nil
      try grower.apply(name, [x, low, high])
    },
    OperatorRecipe("Where") { (grower, name) throws(Diagnostic) in
      let pair = grower.pair(grower.type(name, "T"), .any)
      let shape = grower.shape(of: pair[0])
      let condition = grower.value(.bool, broadcastingWith: shape)
      try grower.apply(name, [condition] + pair)
    },
    OperatorRecipe("IsInf") { (grower, name) throws(Diagnostic) in
      let x = grower.value(grower.type(name, "T1"), .any)
      let signs = [grower.flag(), grower.flag()]
      try grower.apply(name, [x]) {
        $0.flag("detect_negative", signs[0], default: true)
        $0.flag("detect_positive", signs[1], default: true)
      }
    },
    OperatorRecipe("IsNaN") { (grower, name) throws(Diagnostic) in
      try grower.apply(name, [grower.value(grower.type(name, "T1"), .any)])
    },
    OperatorRecipe("Gelu") { (grower, name) throws(Diagnostic) in
      let x = grower.value(grower.type(name, "T"), .tame)
      let approximation = grower.pick(["none", "tanh"])
      try grower.apply(name, [x]) { $0.string("approximate", approximation, default: "none") }
    },
    OperatorRecipe("Cast") { (grower, name) throws(Diagnostic) in
      let from = grower.type(name, "T1")
      let to = grower.type(name, "T2")
      let x = grower.value(from, .convertible(from, to))
      try grower.apply(name, [x]) { $0.int("to", Int(to.rawValue)) }
    },
    OperatorRecipe("CastLike") { (grower, name) throws(Diagnostic) in
      let from = grower.type(name, "T1")
      let to = grower.type(name, "T2")
      let x = grower.value(from, .convertible(from, to))
      try grower.apply(name, [x, grower.value(to, .any)])
    },
    OperatorRecipe("Shrink") { (grower, name) throws(Diagnostic) in
      // What unsigned numbers become below zero is not said.
      let x = grower.value(grower.type(name, "T", among: .signed))
      let numbers = [grower.pick([0.5, 1, 2]), grower.pick([0, 0.5, 1.5])]
      try grower.apply(name, [x]) {
        $0.float("lambd", numbers[0], default: 0.5)
        $0.float("bias", numbers[1], default: 0)
      }
    },
    OperatorRecipe("BitCast") { (grower, name) throws(Diagnostic) in
      let from = grower.type(name, "T1", among: .wholeBytes)
      // A truth value of other bits than 0 and 1 is none.
      let same = TypeSet(
        ElementType.allCases.filter { $0.bitWidth == from.bitWidth && $0 != .bool })
      let to = grower.type(name, "T2", among: same)
      // Bits of computed floats hang on every rounding.
      let bits =
        { Numbers.any.tensor(from, $0.shape(), &$0.random) } as (inout GraphGrower) -> Tensor
      let x = from.isFloat ? grower.fresh(bits(&grower)) : grower.value(from, .any)
      try grower.apply(name, [x]) { $0.int("to", Int(to.rawValue)) }
    },
    OperatorRecipe("Dropout") { (grower, name) throws(Diagnostic) in
      let x = grower.value(grower.type(name, "T", among: .floats))
      let ratio = grower.flag() ? grower.scalar(0.25, .f32) : nil
      try grower.apply(name, [x, ratio], outputs: grower.number(1...2))
    },
    OperatorRecipe("SwiGLU") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T")
      let a = grower.value(type)
      try grower.apply(name, [a, grower.value(type, shape: grower.shape(of: a))])
    },
  ]
}

extension GraphGrower {
  /// Two values of a type that broadcast, in any order.
  mutating func pair(_ type: ElementType, _ numbers: Numbers) -> [ValueID] {
    let first = value(type, numbers)
    let second = value(type, broadcastingWith: shape(of: first), numbers)
    return flag() ? [first, second] : [second, first]
  }

  /// Something to divide by: integers that are not zero, floats that are far from it.
  mutating func divisor(_ type: ElementType, of shape: [Int]) -> ValueID {
    let numbers: Numbers = type.isFloat && chance(1, of: 4) ? .any : .within(1, 7)
    return value(type, broadcastingWith: shape, numbers)
  }

  /// Whether an operator has an attribute.
  func accepts(_ name: String, _ attribute: String, _ value: Attribute) -> Bool {
    guard let type = OpCatalog.standard.type(qualifiedName: name) else { return false }
    var reader = AttributeReader(
      Attributes { $0[attribute] = value }, opset: 28, inputCount: 1, outputCount: 1)
    return (try? type.init(&reader)) != nil && (try? reader.finish()) != nil
  }
}

extension Numbers {
  /// What a conversion between two types is defined for.
  static func convertible(_ from: ElementType, _ to: ElementType) -> Numbers {
    switch (from.isFloat, to) {
    case (true, .string), (_, .string): .within(-6, 6)
    case (true, .bool): .any
    case (true, _) where to.isInteger:
      to.isUnsignedInteger ? .within(0, 3) : .within(-2, 1)
    case (false, _) where to.isFloat: .tame
    case (true, _): to.isSmallFloat ? .tame : .any
    default: to.bitWidth < 8 ? .within(0, 1) : .any
    }
  }
}

extension TypeSet {
  /// Types of whole bytes but strings and booleans.
  static let wholeBytes = TypeSet(
    ElementType.allCases.filter { $0.bitWidth >= 8 && $0 != .bool })
}
