import Diagnostics
import Loops
import Ops
import Tensors

/// Rounds numbers to a floating-point type of at most 8 bits: a search among the bounds between neighbouring codes.
struct SmallFloatEncoder {
  private let element: ElementType
  /// `bounds[i]` is the least magnitude that code number `i + 1` takes; NaN beyond the last. A power of two less one.
  private let bounds: Placed
  private let boundCount: Int
  /// `codes[s][i]` is the code of the `i`-th magnitude with sign `s`.
  private let codes: Placed
  private let nan: UInt8

  /// - Throws: `lowering.element-type` for powers of two that do not saturate.
  init(_ rules: Ops.Conversion, _ context: NodeLowering) throws(Diagnostic) {
    let type = rules.target
    element = type
    let every = (0..<1 << type.bitWidth).map { UInt8($0) }
    let decoded = Tensor(codes: every, shape: [every.count], type: type).doubles
    // Codes count upward through the finite magnitudes from zero.
    var magnitudes: [Double] = []
    for value in decoded {
      guard value.isFinite, value >= 0, value > magnitudes.last ?? -1 else { break }
      magnitudes.append(value)
    }
    var bounds: [Double] = []
    if type == .f8e8m0 {
      guard rules.saturates else {
        throw .unsupported(
          "lowering.element-type", "\(type) that does not saturate has no native code yet")
      }
      for (low, high) in zip(magnitudes, magnitudes.dropFirst()) {
        switch rules.powerRounding {
        case .up: bounds.append(low.nextUp)
        case .down: bounds.append(high)
        case .nearest: bounds.append(1.5 * low)
        }
      }
    } else {
      for (number, pair) in zip(magnitudes, magnitudes.dropFirst()).enumerated() {
        let middle = (pair.0 + pair.1) / 2
        // Of a tie the even code wins.
        bounds.append(number % 2 == 1 ? middle : middle.nextUp)
      }
      if !rules.saturates, magnitudes.count > 1 {
        let last = magnitudes[magnitudes.count - 1]
        let middle = last + (last - magnitudes[magnitudes.count - 2]) / 2
        bounds.append(magnitudes.count % 2 == 0 ? middle : middle.nextUp)
        magnitudes.append(.greatestFiniteMagnitude)
      }
    }
    func encode(_ values: [Double]) -> [UInt8] {
      Tensor(
        smallFloats: values, shape: [values.count], type: type, saturating: rules.saturates
      ).codes
    }
    let positive =
      type == .f8e8m0 ? magnitudes.indices.map { UInt8($0) } : encode(magnitudes)
    let negative = type == .f8e8m0 ? positive : encode(magnitudes.map { -$0 })
    nan = encode([.nan])[0]
    var count = 1
    while count < magnitudes.count { count *= 2 }
    boundCount = count
    let padding = Array(repeating: Double.nan, count: count - bounds.count)
    self.bounds = context.packed(Tensor(bounds + padding, shape: [count]))
    let rest = Array(repeating: nan, count: count - magnitudes.count)
    codes = context.packed(Tensor(positive + rest + negative + rest, shape: [2, count]))
  }

  /// The code of an `f64` value, as an `i32`.
  func code(_ builder: KernelBuilder, _ value: Expr) -> (statements: [Statement], value: Expr) {
    let x = builder.local("x", .f64)
    let magnitude = builder.local("magnitude", .f64)
    var statements: [Statement] = [
      .let(x, value), .let(magnitude, Expr.local(x).apply(.abs)),
    ]
    var found = IndexExpr(0)
    var step = boundCount / 2
    while step > 0 {
      let symbol = builder.computedIndex("found", minimum: 0, maximum: boundCount - 1)
      let bound = builder.view(bounds).load([found + IndexExpr(step - 1)])
      let isReached = Expr.compare(.greaterOrEqual, .local(magnitude), bound)
      statements.append(
        .bind(symbol, .select(isReached, .index(found + IndexExpr(step)), .index(found))))
      found = IndexExpr(symbol)
      step /= 2
    }
    let sign = builder.computedIndex("sign", minimum: 0, maximum: 1)
    let isNegative = Expr.bitcast(.local(x), .i64).isLess(than: 0)
    statements.append(.bind(sign, .select(isNegative, .index(1), .index(0))))
    let code = builder.view(codes).load([IndexExpr(sign), found]).converted(to: .i32)
    return (
      statements, .select(Expr.local(x).apply(.isNaN), .integer(Int64(nan), .i32), code)
    )
  }
}
