import Glibc
import LLVMBackend
import Loops
import Tensors
import Testing

/// A function of one `f32`, the same in double precision, where it is tried and how far it may be off.
struct MathCase: Sendable, CustomTestStringConvertible {
  let op: UnaryOp
  let exact: @Sendable (Double) -> Double
  let range: ClosedRange<Float>
  /// In units in the last place of the exact result.
  let ulps: Double
  /// Or absolute, whichever is larger.
  var absolute: Double = 0

  var testDescription: String { "\(op.rawValue) on \(range)" }

  static let all: [MathCase] = [
    .init(op: .exp, exact: { exp($0) }, range: -104...89, ulps: 2),
    .init(op: .exp, exact: { exp($0) }, range: -1...1, ulps: 2),
    .init(op: .log, exact: { log($0) }, range: 0...100, ulps: 2),
    .init(op: .log, exact: { log($0) }, range: 0.5...2, ulps: 2),
    .init(op: .log, exact: { log($0) }, range: 0...1e-37, ulps: 2),
    .init(op: .log, exact: { log($0) }, range: 0...3e38, ulps: 2),
    .init(op: .sin, exact: { sin($0) }, range: -7...7, ulps: 2),
    .init(op: .sin, exact: { sin($0) }, range: -1e5...1e5, ulps: 2),
    .init(op: .sin, exact: { sin($0) }, range: -1e10...1e10, ulps: 2),
    .init(op: .cos, exact: { cos($0) }, range: -7...7, ulps: 2),
    .init(op: .cos, exact: { cos($0) }, range: -1e5...1e5, ulps: 2),
    .init(op: .tanh, exact: { tanh($0) }, range: -10...10, ulps: 0, absolute: 4e-7),
    .init(op: .tanh, exact: { tanh($0) }, range: -0.01...0.01, ulps: 6),
    .init(op: .sigmoid, exact: { 1 / (1 + exp(-$0)) }, range: -87...87, ulps: 3, absolute: 2e-38),
    .init(
      op: .sigmoid, exact: { 1 / (1 + exp(-$0)) }, range: -110...(-80), ulps: 4, absolute: 2e-38),
    .init(op: .erf, exact: { erf($0) }, range: -5...5, ulps: 0, absolute: 4e-7),
    .init(op: .tan, exact: { tan($0) }, range: -10...10, ulps: 1),
    .init(op: .asin, exact: { asin($0) }, range: -1...1, ulps: 1),
    .init(op: .acos, exact: { acos($0) }, range: -1...1, ulps: 1),
    .init(op: .atan, exact: { atan($0) }, range: -100...100, ulps: 1),
    .init(op: .sinh, exact: { sinh($0) }, range: -20...20, ulps: 1),
    .init(op: .cosh, exact: { cosh($0) }, range: -20...20, ulps: 1),
    .init(op: .asinh, exact: { asinh($0) }, range: -100...100, ulps: 1),
    .init(op: .acosh, exact: { acosh($0) }, range: 1...100, ulps: 1),
    .init(op: .atanh, exact: { atanh($0) }, range: -1...1, ulps: 1),
    .init(op: .sqrt, exact: { $0.squareRoot() }, range: 0...100, ulps: 0.5),
  ]
}

struct MathAccuracyTests {
  static let special: [Float] = [
    0, -0.0, 1, -1, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
    .leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 0.5, -0.5, 2, 1e10,
    -1e10, 1e-10, 88.72283, 88.72284, -87.33, -103.9, -104.1, 3.14159265, 1e30, 100,
  ]

  @Test("functions of one argument", arguments: MathCase.all, JITTargets.all)
  func isAccurate(math: MathCase, target: Loops.Target) throws {
    let count = 5_000
    let low = Double(math.range.lowerBound)
    let width = Double(math.range.upperBound) - low
    let x =
      (0..<count).map { Float(low + width * Double($0) / Double(count - 1)) } + Self.special
    let y = try Self.map(x, target: target, lanes: target.lanes(.f32)) {
      .unary(math.op, $0[0])
    }
    for (argument, found) in zip(x, y) {
      let exact = math.exact(Double(argument))
      let nearest = Float(exact)
      if nearest.isNaN || nearest.isInfinite || !(math.range.contains(argument)) {
        // Outside of the range only what kind of number it is counts, and what saturates.
        if nearest.isNaN || nearest.isInfinite || nearest == 0 {
          let near = Float(exact).bitPattern == found.bitPattern || found.magnitude < 1e-37
          #expect(nearest.isNaN ? found.isNaN : nearest == found || near, "\(argument): \(found)")
        }
        continue
      }
      let error = (Double(found) - exact).magnitude
      let unit = Double(nearest.ulp)
      let limit = max(math.ulps * unit, math.absolute)
      #expect(
        error <= limit,
        "\(math.op)(\(argument)) is \(found), expected \(exact): \(error / unit) ulp")
      if error > limit { break }
    }
  }

  @Test("powers", arguments: JITTargets.all)
  func powers(target: Loops.Target) throws {
    let bases: [Float] = [
      0, -0.0, 0.5, 1, -1, 2, -2, 3.7, -3.7, 1e-30, 1e30, .infinity, -.infinity, .nan, 0.99999, 10,
      .leastNonzeroMagnitude,
    ]
    let exponents: [Float] = [
      0, -0.0, 1, -1, 2, 3, -3, 0.5, -0.5, 2.5, 1e6, -1e6, .infinity, -.infinity, .nan, 16_777_215,
      0.1,
    ]
    let pairs = bases.flatMap { x in exponents.map { (x, $0) } }
    let found = try Self.map(
      pairs.map(\.0), pairs.map(\.1), target: target, lanes: target.lanes(.f32)
    ) { .binary(.pow, $0[0], $0[1]) }
    for ((x, y), result) in zip(pairs, found) {
      let exact = pow(Double(x), Double(y))
      let nearest = Float(exact)
      let agrees =
        nearest.isNaN
        ? result.isNaN
        : result == nearest || (Double(result) - exact).magnitude <= Double(nearest.ulp)
      #expect(agrees, "pow(\(x), \(y)) is \(result), expected \(nearest)")
    }
  }

  /// Applies an expression of the elements of arrays in a vector loop with a remainder.
  static func map(
    _ inputs: [Float]..., target: Loops.Target, lanes: Int, _ expression: ([Expr]) -> Expr
  ) throws -> [Float] {
    let count = inputs[0].count
    let (i, index) = SampleKernels.symbol("i")
    let buffers = (0...inputs.count).map {
      Buffer(name: "b\($0)", base: .parameter($0), element: .f32, shape: [IndexExpr(count)])
    }
    let kernel = Kernel(
      name: "map",
      parameters: buffers.enumerated().map { .init($1, isWritten: $0 == inputs.count) },
      body: [
        .loop(
          Loop(
            i, to: IndexExpr(count), .vector(lanes: lanes),
            body: [
              .store(
                buffers[inputs.count], [index],
                expression(buffers.dropLast().map { .load($0, [index]) }))
            ]))
      ])
    let jit = try JIT([kernel], for: target)
    let output = [Float](repeating: 0, count: count)
    let result = try Launch.run(
      jit.kernel("map"), (inputs + [output]).map(\.rawBytes), range: 0..<1)
    return [Float](rawBytes: result[inputs.count])
  }
}
