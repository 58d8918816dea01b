package import Diagnostics
import Tensors

/// Checks that a kernel keeps the rules of the loop IR, and lists every place where it does not.
///
/// The rules:
/// - `loops.nesting`: `parallel` loops are a chain at the top of the body; a `vector` loop is not inside another and
///   has a power of two of lanes, nor holds tile statements; the bounds of `unrolled` loops are constants or depend on unrolled loops only.
/// - `loops.scope`: symbols, values and register arrays are defined before they are used, and nothing visible is
///   defined a second time; two different buffers do not share a name.
/// - `loops.type`: operands agree in type; operations are defined for their types; conditions are `bool`; what is
///   stored, set or bound has the type of the place.
/// - `loops.register-index`: register arrays are indexed by constants and unrolled loops only, in range where provable;
///   matrix registers exist, and a product takes three different ones.
/// - `loops.varying`: conditions, loop bounds and what is put into register arrays from outside of a vector loop are the
///   same in all lanes; lanes do not write different values to one element.
/// - `loops.bounds`: positions have the rank of their buffer; an access whose linear position provably leaves the
///   memory of its parameter, or the scratch area, is an error, unless a condition guards it; so is a row of a tile.
/// - `loops.parameter`: buffers name parameters that exist; only those declared as written are written.
/// - `loops.tile`: the target, where one is given, has matrix tiles if they are used.
/// - `loops.register-pressure` (a warning, when a target is given): register arrays that are live together fit the
///   vector registers.
package struct KernelVerifier {
  let kernel: Kernel
  let target: Target?
  private(set) var found = DiagnosticList()
  var scope = VerifierScope()
  var buffers: [String: Buffer] = [:]

  /// Everything that is wrong with a kernel; warnings about registers only where a target is given.
  package static func verify(_ kernel: Kernel, target: Target? = nil) -> DiagnosticList {
    var verifier = KernelVerifier(kernel: kernel, target: target)
    verifier.verify()
    return verifier.found
  }

  private init(kernel: Kernel, target: Target?) {
    self.kernel = kernel
    self.target = target
  }

  private mutating func verify() {
    for (number, parameter) in kernel.parameters.enumerated() {
      check(parameter.buffer)
      if parameter.buffer.base != .parameter(number) {
        report("loops.parameter", "'\(parameter.buffer.name)' is not parameter \(number)")
      }
    }
    for symbol in kernel.values { define(symbol, range: symbol.knownRange) }
    var body = kernel.body
    for loop in kernel.parallelLoops {
      enter(loop)
      body = loop.body
    }
    visit(body)
  }

  mutating func report(_ id: String, _ message: String, severity: Severity = .internal) {
    found.append(
      Diagnostic(id, "kernel '\(kernel.name)': \(message)", severity: severity))
  }

  /// Looks at a buffer the first time that it is met.
  mutating func check(_ buffer: Buffer) {
    if let known = buffers[buffer.name] {
      if known != buffer {
        report("loops.scope", "two different buffers are named '\(buffer.name)'")
      }
      return
    }
    buffers[buffer.name] = buffer
    if !buffer.element.isComputable {
      report("loops.type", "'\(buffer.name)' has elements of type \(buffer.element)")
    }
    if case .parameter(let number) = buffer.base, !kernel.parameters.indices.contains(number) {
      report(
        "loops.parameter",
        "'\(buffer.name)' is a view of parameter \(number) of \(kernel.parameters.count)")
    }
  }

  // MARK: Names

  mutating func define(_ symbol: Symbol, range: ClosedRange<Int>?, isVarying: Bool = false) {
    if scope.symbols[symbol] != nil {
      report("loops.scope", "'\(symbol.name)' is defined twice")
    }
    scope.symbols[symbol] = VerifierScope.Entry(range: range, isVarying: isVarying)
  }

  /// Defines the variable of a loop with the values that it can take.
  mutating func enter(_ loop: Loop) {
    check(loop.lower, "a bound of the loop over '\(loop.variable.name)'")
    check(loop.upper, "a bound of the loop over '\(loop.variable.name)'")
    if isVarying(loop.lower) || isVarying(loop.upper) {
      report("loops.varying", "the bounds of the loop over '\(loop.variable.name)' differ")
    }
    var range: ClosedRange<Int>?
    if let low = bounds(loop.lower)?.lowerBound, let high = bounds(loop.upper)?.upperBound,
      high > low
    {
      let exact = loop.lower.isConstant
      range = low...(exact ? low + (high - 1 - low) / loop.step * loop.step : high - 1)
    }
    var isVector = false
    if case .vector(let lanes) = loop.kind {
      isVector = lanes > 1
      if lanes < 1 || lanes & (lanes - 1) != 0 {
        report(
          "loops.nesting",
          "the vector loop over '\(loop.variable.name)' has \(lanes) lanes, expected a power of 2")
      }
      if scope.laneCount > 1 {
        report(
          "loops.nesting", "the vector loop over '\(loop.variable.name)' is inside another")
      }
      scope.laneCount = max(1, lanes)
    }
    if loop.kind == .unrolled {
      let free = loop.lower.symbols.union(loop.upper.symbols).subtracting(scope.unrolled)
      if let symbol = free.first {
        report(
          "loops.nesting",
          "the unrolled loop over '\(loop.variable.name)' depends on '\(symbol.name)'")
      }
      scope.unrolled.insert(loop.variable)
    }
    define(loop.variable, range: range, isVarying: isVector)
  }

  mutating func check(_ expression: IndexExpr, _ what: String) {
    for symbol in expression.symbols.sorted(by: { $0.name < $1.name })
    where scope.symbols[symbol] == nil {
      report("loops.scope", "\(what) uses '\(symbol.name)', which is not defined here")
    }
  }

  func isVarying(_ expression: IndexExpr) -> Bool {
    expression.symbols.contains { scope.symbols[$0]?.isVarying ?? false }
  }

  /// The least and the greatest value, where the ranges of the symbols say.
  func bounds(_ expression: IndexExpr) -> ClosedRange<Int>? {
    guard expression.symbols.allSatisfy({ scope.symbols[$0]?.range != nil }) else { return nil }
    let ranged = expression.substituting { symbol in
      scope.symbols[symbol]?.range.map {
        IndexExpr(Symbol(symbol.name, minimum: $0.lowerBound, maximum: $0.upperBound))
      }
    }
    return ranged.bounds
  }
}

/// What a verifier knows of the names at one place.
struct VerifierScope {
  struct Entry {
    let range: ClosedRange<Int>?
    let isVarying: Bool
  }

  var symbols: [Symbol: Entry] = [:]
  var locals: [Local: Bool] = [:]
  /// Register arrays and whether they hold one value per lane.
  var registers: [String: (registers: Registers, isVarying: Bool)] = [:]
  var unrolled: Set<Symbol> = []
  var laneCount = 1
  /// Inside an `if` or `while`, where positions may be guarded.
  var isGuarded = false
}

extension Symbol {
  /// The values that a symbol can have, when both ends are known.
  var knownRange: ClosedRange<Int>? { maximum.map { minimum...max(minimum, $0) } }
}
