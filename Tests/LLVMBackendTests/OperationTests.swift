import LLVMBackend
import Loops
import Tensors
import Testing

/// Every operation on every type it is defined for, over values that find mistakes, in every lane and in the rest of a
/// vector loop.
struct OperationTests {
  static let types: [ElementType] = [
    .bool, .i8, .u8, .i16, .u16, .i32, .u32, .i64, .u64, .f16, .bf16, .f32, .f64,
  ]

  @Test("unary", arguments: types)
  func unary(type: ElementType) throws {
    let ops = UnaryOp.allCases.filter { isLegal($0, type) }
    let cases = ops.map { op -> KernelCase in
      let result: ElementType = op == .isNaN || op == .isInf ? .bool : type
      var each = Self.map(op.rawValue, [type], result) { .unary(op, $0[0]) }
      each.tolerance = tolerance(op, type)
      return each
    }
    try KernelCase.checkAll(cases, on: JITTargets.widths)
  }

  private func isLegal(_ op: UnaryOp, _ type: ElementType) -> Bool {
    switch op {
    case .not: !type.isFloat
    case .popcount: type.isInteger
    case .neg, .abs: type != .bool
    case .floor, .ceil, .round, .trunc: type != .bool
    default: type.isFloat
    }
  }

  private func tolerance(_ op: UnaryOp, _ type: ElementType) -> Tolerance {
    switch op {
    case .erf, .tanh: .close(relative: type == .bf16 ? 1e-2 : 2e-3, absolute: 4e-7)
    case .exp, .log, .sin, .cos, .tan, .asin, .acos, .atan, .sinh, .cosh, .asinh, .acosh, .atanh,
      .sigmoid:
      .ulp(3)
    default: .ulp(0)
    }
  }

  @Test("binary", arguments: types)
  func binary(type: ElementType) throws {
    let ops = BinaryOp.allCases.filter { op in
      switch op {
      case .and, .or, .xor: !type.isFloat
      case .shiftLeft, .shiftRight, .div, .rem, .sub, .mul, .add, .pow:
        type == .bool ? false : !type.isFloat || !(op == .shiftLeft || op == .shiftRight)
      case .min, .max: true
      }
    }
    let cases = ops.map { op -> KernelCase in
      var each = Self.map(op.rawValue, [type, type], type) { .binary(op, $0[0], $0[1]) }
      if op == .pow, type.isFloat { each.tolerance = .ulp(2) }
      return each
    }
    try KernelCase.checkAll(cases, on: JITTargets.widths)
  }

  @Test("comparison and selection", arguments: types)
  func comparison(type: ElementType) throws {
    var cases = Loops.Comparison.allCases.map { comparison in
      Self.map(comparison.rawValue, [type, type], .bool) {
        .compare(comparison, $0[0], $0[1])
      }
    }
    cases.append(
      Self.map("select", [type, type], type) {
        .select(.compare(.less, $0[0], $0[1]), $0[0], $0[1])
      })
    try KernelCase.checkAll(cases, on: JITTargets.widths)
  }

  @Test("conversion", arguments: types)
  func conversion(source: ElementType) throws {
    var cases: [KernelCase] = []
    for type in Self.types {
      cases.append(
        Self.map("saturating_\(type)", [source], type) {
          .convert($0[0], type, .saturating)
        })
      // Out of range the plain conversion of floats may give anything.
      if !source.isFloat || type.isFloat || type == .bool {
        cases.append(
          Self.map("plain_\(type)", [source], type) { .convert($0[0], type, .plain) })
      } else {
        cases.append(
          Self.map("plain_\(type)", [source], type) {
            let limited = Expr.select(
              .compare(.less, .unary(.abs, $0[0]), .float(100, source)), $0[0], .float(0, source))
            let value = type.isUnsignedInteger ? Expr.unary(.abs, limited) : limited
            return .convert(value, type, .plain)
          })
      }
      if type.bitWidth == source.bitWidth, type != .bool, source != .bool {
        cases.append(
          Self.map("bitcast_\(type)", [source], type) { .bitcast($0[0], type) })
      }
    }
    try KernelCase.checkAll(cases, on: JITTargets.widths)
  }

  @Test(
    "fused multiplication and addition", arguments: [ElementType.f32, .f64, .i32, .f16])
  func fma(type: ElementType) throws {
    var each = Self.map("fma", [type, type], type) { .fma($0[0], $0[1], $0[0]) }
    // Without the instruction the product is rounded by itself.
    each.tolerance = .close(relative: 1e-2, absolute: 1e38)
    try KernelCase.checkAll([each])
  }

  @Test("dot products of bytes")
  func dot4() throws {
    var cases: [KernelCase] = []
    for (aSigned, bSigned) in [(false, true), (true, false), (true, true), (false, false)] {
      cases.append(
        Self.map("dot4_\(aSigned)_\(bSigned)", [.i32, .i32], .i32) {
          .dot4(a: $0[0], aSigned: aSigned, b: $0[1], bSigned: bSigned, c: .integer(-7, .i32))
        })
    }
    try KernelCase.checkAll(cases)
  }

  @Test("dot products of pairs of 16-bit integers, whose sums wrap around")
  func dotShorts() throws {
    let each = Self.map("dotShorts", [.i32, .i32], .i32) {
      .dotShorts($0[0], $0[1], .integer(-7, .i32))
    }
    try KernelCase.checkAll([each], on: JITTargets.widths)
  }

  @Test("bytes of tables")
  func lookups() throws {
    let table = ByteTable((0..<256).map { UInt8(truncatingIfNeeded: $0 * 167 + 13) })
    try KernelCase.checkAll([
      Self.map("lookup", [.u8], .u8) { .lookup(table, $0[0]) },
      Self.map("lookup_of_words", [.i32], .i32) {
        .convert(.lookup(table, .convert($0[0], .u8, .plain)), .i32, .plain)
      },
    ])
  }

  @Test("dot products of pairs of bf16")
  func dotPairs() throws {
    // Words whose halves are ordinary numbers: 1.5, -2, 0.25 and 3 as bf16.
    let words: [Int64] = [0x3fc0_c000, 0x3e80_4040, -0x3fff_c180, 0x4040_3fc0]
    var cases: [KernelCase] = []
    for word in words {
      var each = Self.map("dotPairs_\(word)", [.f32], .f32) {
        .dotPairs(.integer(word, .i32), .integer(0x3fc0_4040, .i32), $0[0])
      }
      // Processors differ in which product they add first, and in whether denormal numbers count.
      each.tolerance = .close(relative: 1e-6, absolute: 1e-6)
      cases.append(each)
    }
    try KernelCase.checkAll(cases, on: JITTargets.widths)
  }

  /// Applies an expression to every pair of special values.
  static func map(
    _ name: String, _ types: [ElementType], _ result: ElementType,
    _ expression: ([Expr]) -> Expr
  ) -> KernelCase {
    let counts = types.map(SpecialValues.count)
    // Every second value for the second operand.
    let rowStep = 2
    let (i, column) = SampleKernels.symbol("i")
    let (j, row) = SampleKernels.symbol("j")
    let inputs = types.enumerated().map { number, type in
      Buffer(
        name: "x\(number)", base: .parameter(number), element: type,
        shape: [IndexExpr(counts[number])], alignment: 1)
    }
    let rows = counts.count > 1 ? (counts[1] + rowStep - 1) / rowStep : 1
    let output = Buffer(
      name: "y", base: .parameter(types.count), element: result,
      shape: [IndexExpr(rows), IndexExpr(counts[0])], alignment: 1)
    var operands = [Expr.load(inputs[0], [column])]
    if inputs.count > 1 { operands.append(.load(inputs[1], [row * IndexExpr(rowStep)])) }
    let lanes = Loops.Target.x86v4.lanes(types[0])
    let body = Loop(
      i, to: IndexExpr(counts[0]), .vector(lanes: lanes),
      body: [.store(output, [row, column], expression(operands))])
    let kernel = Kernel(
      name: name,
      parameters: inputs.map { .init($0, isWritten: false) } + [.init(output, isWritten: true)],
      body: [.loop(Loop(j, to: IndexExpr(rows), .parallel, body: [.loop(body)]))])
    let bytes = result.byteCount(of: rows * counts[0])
    return KernelCase(
      kernel: kernel,
      buffers: types.map(SpecialValues.bytes) + [Array(repeating: 0, count: bytes)])
  }
}
