import CLLVM
import Diagnostics
import Loops
import Tensors

/// Index expressions as 64-bit integers.
extension KernelEmitter {
  /// The expression with symbols that stand for others, such as variables of expanded loops, replaced.
  func resolve(_ expression: IndexExpr) -> IndexExpr {
    if scope.known.isEmpty || expression.isConstant { return expression }
    guard scope.known.keys.contains(where: { expression.mentions($0) }) else {
      return expression
    }
    return expression.substituting { scope.known[$0] }
  }

  /// The value of an expression, a vector where lanes differ.
  func index(_ expression: IndexExpr) throws(Diagnostic) -> Value {
    let expression = resolve(expression)
    if !scope.isVarying(expression) { return .uniform(try scalar(expression)) }
    if let (start, stride) = affine(expression) {
      return .varying(try ramp(start, stride: stride))
    }
    return .varying(try vectorSum(expression))
  }

  /// `start + lane * stride` in each lane, where the expression is of that form with both the same in all lanes.
  func affine(_ expression: IndexExpr) -> (start: IndexExpr, stride: IndexExpr)? {
    guard let lanes = scope.lanes else { return nil }
    let expression = divided(expression, lanes)
    guard let (coefficient, rest) = expression.linear(in: lanes.symbol),
      !scope.isVarying(coefficient), !scope.isVarying(rest)
    else { return nil }
    return (rest + coefficient * lanes.base, coefficient * IndexExpr(lanes.step))
  }

  /// The same expression with quotients and remainders by multiples of the lane count opened where no lane leaves
  /// the block that lane 0 is in.
  private func divided(_ expression: IndexExpr, _ lanes: Lanes) -> IndexExpr {
    guard lanes.step == 1, isMultiple(lanes.base, of: lanes.count) else { return expression }
    let blocks = BlockedLanes(symbol: lanes.symbol, count: lanes.count, base: lanes.base)
    return blocks.open(expression) { isMultiple($0, of: $1) }
  }

  /// Whether the value is known to be divisible.
  func isMultiple(_ expression: IndexExpr, of divisor: Int) -> Bool {
    multiple(of: expression) % divisor == 0
  }

  /// A number that divides the value; 0 for the constant 0.
  func multiple(of expression: IndexExpr) -> Int {
    var result = abs(expression.constant)
    for term in expression.terms {
      var factor = abs(term.coefficient)
      for case .symbol(let symbol) in term.factors { factor *= scope.multiples[symbol] ?? 1 }
      result = gcd(result, factor)
    }
    return result
  }

  private func ramp(_ start: IndexExpr, stride: IndexExpr) throws(Diagnostic) -> LLVMValueRef {
    let count = scope.laneCount
    let type = b.vector(b.i64, count)
    var steps = b.iota(count, b.i64)
    if stride != 1 { steps = b.mulIndex(steps, b.splat(try scalar(stride), count)) }
    let base = b.splat(try scalar(start), count)
    return count == 1 ? base : b.addIndex(b.bitcast(base, type), steps)
  }

  // MARK: Scalars

  /// The value of an expression that is the same in all lanes.
  func scalar(_ expression: IndexExpr) throws(Diagnostic) -> LLVMValueRef {
    var sum: LLVMValueRef?
    for group in groups(expression) {
      let part = try scalarSum(group)
      sum = sum.map { b.addIndex($0, part) } ?? part
    }
    let constant = b.index(expression.constant)
    guard let sum else { return constant }
    return expression.constant == 0 ? sum : b.addIndex(sum, constant)
  }

  /// The terms by the depth of the loop in which they last change, outermost first, so that inner loops reuse sums.
  func groups(_ expression: IndexExpr) -> [[IndexExpr.Term]] {
    if expression.terms.isEmpty { return [] }
    let depths = expression.terms.map { term in
      term.factors.reduce(0) { max($0, depth(of: $1)) }
    }
    return Set(depths).sorted().map { depth in
      expression.terms.indices.filter { depths[$0] == depth }.map { expression.terms[$0] }
    }
  }

  /// How many loops enclose what an atom is made of.
  func depth(of atom: IndexAtom) -> Int {
    switch atom {
    case .symbol(let symbol): scope.depths[symbol] ?? 0
    case .floorDiv(let p, let q), .mod(let p, let q), .min(let p, let q), .max(let p, let q),
      .broadcast(let p, let q):
      (p.terms + q.terms).flatMap(\.factors).reduce(0) { max($0, depth(of: $1)) }
    }
  }

  func scalarSum(_ terms: [IndexExpr.Term]) throws(Diagnostic) -> LLVMValueRef {
    var sum: LLVMValueRef?
    for term in terms {
      var product: LLVMValueRef?
      for factor in term.factors {
        let value = try scalar(factor)
        product = product.map { b.mulIndex($0, value) } ?? value
      }
      guard var part = product else { continue }
      if term.coefficient != 1 { part = b.mulIndex(part, b.index(term.coefficient)) }
      sum = sum.map { b.addIndex($0, part) } ?? part
    }
    return sum ?? b.index(0)
  }

  private func scalar(_ atom: IndexAtom) throws(Diagnostic) -> LLVMValueRef {
    switch atom {
    case .symbol(let symbol):
      guard let value = scope.symbols[symbol] else {
        throw broken("'\(symbol.name)' is not defined here")
      }
      return value.ref
    case .floorDiv(let p, let q):
      return quotient(
        try scalar(p), try scalar(q), isPositive: isPositive(p, q), wantsRemainder: false)
    case .mod(let p, let q):
      return quotient(
        try scalar(p), try scalar(q), isPositive: isPositive(p, q), wantsRemainder: true)
    case .min(let p, let q): return b.binary("llvm.smin", try scalar(p), try scalar(q))
    case .max(let p, let q): return b.binary("llvm.smax", try scalar(p), try scalar(q))
    case .broadcast(let p, let q): return broadcast(try scalar(p), try scalar(q))
    }
  }

  private func isPositive(_ dividend: IndexExpr, _ divisor: IndexExpr) -> Bool {
    trustsBounds && (dividend.lowerBound ?? -1) >= 0 && (divisor.lowerBound ?? 0) >= 1
  }

  // MARK: Vectors

  private func vectorSum(_ expression: IndexExpr) throws(Diagnostic) -> LLVMValueRef {
    let count = scope.laneCount
    var sum = b.splat(b.index(expression.constant), count)
    for term in expression.terms {
      var product = b.splat(b.index(term.coefficient), count)
      for factor in term.factors { product = b.mulIndex(product, try vector(factor)) }
      sum = b.addIndex(sum, product)
    }
    return sum
  }

  private func vector(_ atom: IndexAtom) throws(Diagnostic) -> LLVMValueRef {
    func both(_ p: IndexExpr, _ q: IndexExpr) throws(Diagnostic) -> (LLVMValueRef, LLVMValueRef) {
      (widen(try index(p)), widen(try index(q)))
    }
    switch atom {
    case .symbol(let symbol):
      if let lanes = scope.lanes, lanes.symbol == symbol {
        return try ramp(lanes.base, stride: IndexExpr(lanes.step))
      }
      guard let value = scope.symbols[symbol] else {
        throw broken("'\(symbol.name)' is not defined here")
      }
      return widen(value)
    case .floorDiv(let p, let q):
      let (x, y) = try both(p, q)
      return quotient(x, y, isPositive: isPositive(p, q), wantsRemainder: false)
    case .mod(let p, let q):
      let (x, y) = try both(p, q)
      return quotient(x, y, isPositive: isPositive(p, q), wantsRemainder: true)
    case .min(let p, let q):
      let (x, y) = try both(p, q)
      return b.binary("llvm.smin", x, y)
    case .max(let p, let q):
      let (x, y) = try both(p, q)
      return b.binary("llvm.smax", x, y)
    case .broadcast(let p, let q):
      let (x, y) = try both(p, q)
      return broadcast(x, y)
    }
  }

  /// The second where the first is 1, else the first.
  private func broadcast(_ x: LLVMValueRef, _ y: LLVMValueRef) -> LLVMValueRef {
    b.select(b.icmp(LLVMIntEQ, x, b.like(x, Int64(1))), y, x)
  }

  /// Quotient rounded toward negative infinity, or its remainder; a zero divisor gives some value but never traps.
  private func quotient(
    _ x: LLVMValueRef, _ y: LLVMValueRef, isPositive: Bool, wantsRemainder: Bool
  ) -> LLVMValueRef {
    let zero = b.like(x, Int64(0))
    let isConstant = LLVMIsConstant(y) != 0
    if isPositive {
      return wantsRemainder ? LLVMBuildURem(b.ref, x, y, "") : LLVMBuildUDiv(b.ref, x, y, "")
    }
    let one = b.like(x, Int64(1))
    let divisor = isConstant ? y : b.select(b.icmp(LLVMIntEQ, y, zero), one, y)
    let q: LLVMValueRef = LLVMBuildSDiv(b.ref, x, divisor, "")
    let r = b.sub(x, b.mul(q, divisor))
    let signsDiffer = b.icmp(LLVMIntSLT, b.xor(r, divisor), zero)
    let isInexact = b.icmp(LLVMIntNE, r, zero)
    let adjust = b.and(signsDiffer, isInexact)
    return wantsRemainder
      ? b.select(adjust, b.add(r, divisor), r) : b.select(adjust, b.sub(q, one), q)
  }
}

/// The greatest common divisor; `gcd(0, n)` is `n`.
func gcd(_ a: Int, _ b: Int) -> Int {
  var (a, b) = (a, b)
  while b != 0 { (a, b) = (b, a % b) }
  return a
}
