import Diagnostics
import IR
import Tensors

extension [IndexExpr] {
  /// The product of the dimensions: 1 for a scalar.
  var product: IndexExpr { reduce(1) { $0 * $1 } }

  /// The dimensions as numbers, when all are.
  var values: [Int]? {
    var result: [Int] = []
    for element in self {
      guard let value = element.value else { return nil }
      result.append(value)
    }
    return result
  }
}

extension [Int] {
  /// The same dimensions as expressions.
  var expressions: [IndexExpr] { map { IndexExpr($0) } }
}

extension IndexExpr {
  /// Whether the expression may stand for a dimension: it is built from dimensions, not from integers of which
  /// nothing is known, and is no larger than anyone can follow.
  ///
  /// Expressions that mention others several times grow with every layer of a network; a new symbol for them
  /// keeps the work of a shape rule bounded.
  var isDimension: Bool {
    if let value { return value >= 0 }
    var room = 64
    return takesAtMost(&room) && symbols.allSatisfy { $0.minimum >= 0 }
  }

  /// Whether the expression has no more parts than there is room for, which it takes.
  private func takesAtMost(_ room: inout Int) -> Bool {
    for term in terms {
      for factor in term.factors {
        room -= 1
        if room < 0 { return false }
        switch factor {
        case .symbol: continue
        case .floorDiv(let a, let b), .mod(let a, let b), .min(let a, let b), .max(let a, let b),
          .broadcast(let a, let b):
          guard a.takesAtMost(&room), b.takesAtMost(&room) else { return false }
        }
      }
    }
    return true
  }

  /// An integer of which nothing is known, not even its sign.
  static func unknownInteger(_ name: String) -> IndexExpr {
    IndexExpr(Symbol(name, minimum: .min))
  }

  /// The dimension that two inputs share; a number says more than an expression.
  ///
  /// - Throws: `shape.mismatch` when they are different numbers.
  static func unify(
    _ a: IndexExpr, _ b: IndexExpr, _ what: @autoclosure () -> String
  ) throws(Diagnostic) -> IndexExpr {
    if let p = a.value, let q = b.value, p != q {
      throw Diagnostic("shape.mismatch", "\(what()) is \(p) and \(q), expected equal dimensions")
    }
    return a.isConstant ? a : b
  }
}

extension InferenceContext {
  /// Dimensions of output `output` that are only known when the node has run.
  func freshShape(output: Int = 0, rank: Int) -> [IndexExpr] {
    (0..<rank).map { freshDimension(output: output, axis: $0) }
  }

  /// How many elements an input has, when its shape is known as numbers.
  func elementCount(_ index: Int) -> Int? {
    guard index < types.count else { return nil }
    return types[index]?.tensor?.staticShape?.checkedElementCount
  }

  /// The shape of an input, or nil when not even its rank is known.
  func knownShape(_ index: Int) throws(Diagnostic) -> [IndexExpr]? {
    try tensorType(index).shape
  }
}

extension Tensor {
  /// The elements of an integer tensor; empty for other types.
  var ints: [Int] { integers ?? [] }
}
