import LLVMBackend
import Loops
import Tensors
import Testing

/// Loops, addressing, masks, reductions and control flow: machine code against the loop interpreter.
struct StructureTests {
  typealias Sample = SampleKernels

  @Test(
    "memory: contiguous, strided, reversed, gathered, conditional", arguments: [1, 3, 7, 16, 37])
  func memory(count: Int) throws {
    try KernelCase.checkAll(
      [ElementType.f32, .i8, .u16, .f64, .bool].flatMap { Self.memoryCases(count, $0) })
  }

  @Test("loops: tails, masks, reductions, nests")
  func loops() throws {
    try KernelCase.checkAll(Self.loopCases)
  }

  @Test("flattened indices stay what they are", arguments: [16, 48, 64])
  func blockedIndices(channels: Int) throws {
    try KernelCase.checkAll([Self.flattened(channels)])
  }

  // MARK: Memory

  static func memoryCases(_ count: Int, _ type: ElementType) -> [KernelCase] {
    let (i, index) = Sample.symbol("i")
    let n = IndexExpr(count)
    let data = Array(0..<UInt8(truncatingIfNeeded: 251)) + Array(0..<200)
    let width = type.bitWidth / 8
    func pattern(_ elements: Int) -> [UInt8] {
      (0..<elements * width).map {
        type == .bool ? data[$0 * 7 % data.count] & 1 : data[$0 * 7 % data.count] & 0x3f
      }
    }
    func buffer(_ name: String, _ number: Int, _ size: Int, _ element: ElementType) -> Buffer {
      Buffer(
        name: name, base: .parameter(number), element: element, shape: [IndexExpr(size)],
        alignment: 1)
    }
    func copy(
      _ name: String, from: (IndexExpr) -> IndexExpr, to: (IndexExpr) -> IndexExpr, size: Int
    ) -> KernelCase {
      let x = buffer("x", 0, size, type)
      let y = buffer("y", 1, size, type)
      return KernelCase(
        kernel: Kernel(
          name: "\(name)_\(type)_\(count)",
          parameters: [.init(x, isWritten: false), .init(y, isWritten: true)],
          body: [
            .loop(
              Loop(
                i, to: n, .vector(lanes: 16),
                body: [.store(y, [to(index)], .load(x, [from(index)]))]))
          ]),
        buffers: [pattern(size), pattern(size).reversed()])
    }
    var cases = [copy("copy", from: { $0 }, to: { $0 }, size: count)]
    for stride in [2, 3, 4, 5] {
      let size = stride * (count - 1) + 1
      let step = IndexExpr(stride)
      cases.append(copy("load\(stride)", from: { $0 * step }, to: { $0 }, size: size))
      cases.append(copy("store\(stride)", from: { $0 }, to: { $0 * step }, size: size))
    }
    cases.append(copy("reversed", from: { n - 1 - $0 }, to: { $0 }, size: count))
    cases.append(copy("broadcast", from: { _ in 0 }, to: { $0 }, size: count))
    cases.append(copy("repeated", from: { $0.floorDiv(3) }, to: { $0 }, size: count))
    cases.append(copy("wrapped", from: { ($0 * 5).mod(n) }, to: { $0 }, size: count))
    cases.append(copy("capped", from: { .min($0 + 2, n - 1) }, to: { $0 }, size: count))
    cases.append(gathered(count, type, pattern(count)))
    cases.append(padded(count, type, pattern(count)))
    if type == .f32 { cases += compared(count) }
    return cases
  }

  /// `y[p[i]] = x[p[i]]` with a permutation read from memory.
  private static func gathered(_ count: Int, _ type: ElementType, _ bytes: [UInt8]) -> KernelCase {
    let (i, index) = Sample.symbol("i")
    let (j, position) = Sample.symbol("j")
    let n = IndexExpr(count)
    let x = Buffer(name: "x", base: .parameter(0), element: type, shape: [n], alignment: 1)
    let p = Buffer(name: "p", base: .parameter(1), element: .i32, shape: [n], alignment: 4)
    let y = Buffer(name: "y", base: .parameter(2), element: type, shape: [n], alignment: 1)
    let permutation = (0..<Int32(count)).map { Int32(count) - 1 - $0 }
    return KernelCase(
      kernel: Kernel(
        name: "gather_\(type)_\(count)",
        parameters: [
          .init(x, isWritten: false), .init(p, isWritten: false), .init(y, isWritten: true),
        ],
        body: [
          .loop(
            Loop(
              i, to: n, .vector(lanes: 8),
              body: [
                .bind(j, .load(p, [index])),
                .store(y, [position], .load(x, [position])),
              ]))
        ]),
      buffers: [bytes, permutation.rawBytes, bytes.map { _ in 0 }])
  }

  /// A window that reaches over both ends: what lies outside is neither read nor written.
  private static func padded(_ count: Int, _ type: ElementType, _ bytes: [UInt8]) -> KernelCase {
    let (i, index) = Sample.symbol("i")
    let n = IndexExpr(count)
    let x = Buffer(name: "x", base: .parameter(0), element: type, shape: [n], alignment: 1)
    let y = Buffer(name: "y", base: .parameter(1), element: type, shape: [n], alignment: 1)
    func inside(_ at: IndexExpr) -> Expr {
      .binary(
        .and, .compare(.greaterOrEqual, .index(at), .integer(0, .i64)),
        .compare(.less, .index(at), .index(n)))
    }
    let zero = type.isFloat ? Expr.float(-1, type) : .integer(1, type)
    let value = Expr.loadIf(inside(index - 3), x, [index - 3], otherwise: zero)
    return KernelCase(
      kernel: Kernel(
        name: "padded_\(type)_\(count)",
        parameters: [.init(x, isWritten: false), .init(y, isWritten: true)],
        body: [
          .loop(
            Loop(
              i, from: -2, to: n + 5, .vector(lanes: 8),
              body: [.storeIf(inside(index), y, [index], value)]))
        ]),
      buffers: [bytes, bytes.map { _ in 0 }])
  }

  /// Every comparison of indices, of those that grow with the lanes, against them, and in strides.
  private static func compared(_ count: Int) -> [KernelCase] {
    let (i, index) = Sample.symbol("i")
    let (j, moved) = Sample.symbol("j")
    let y = Buffer(
      name: "y", base: .parameter(0), element: .bool, shape: [3, IndexExpr(count)], alignment: 1)
    let middle = Expr.integer(Int64(count / 2), .i64)
    return Loops.Comparison.allCases.map { comparison in
      KernelCase(
        kernel: Kernel(
          name: "compare_\(comparison)_\(count)", parameters: [.init(y, isWritten: true)],
          body: [
            .loop(
              Loop(
                i, to: IndexExpr(count), .vector(lanes: 8),
                body: [
                  .bind(j, .index(index - 2)),
                  .store(y, [0, index], .compare(comparison, .index(moved), middle)),
                  .store(y, [1, index], .compare(comparison, middle, .index(index))),
                  .store(
                    y, [2, index], .compare(comparison, .index(moved * 3), .index(index + 4))),
                ]))
          ]),
        buffers: [[UInt8](repeating: 7, count: 3 * count)])
    }
  }

  // MARK: Loops

  static var loopCases: [KernelCase] {
    var cases: [KernelCase] = []
    for (m, n) in [(3, 5), (4, 16), (5, 33), (1, 100)] {
      cases.append(rowReduction(.add, .f32, m, n))
      cases.append(rowReduction(.max, .i32, m, n))
      cases.append(dynamicSum(m, n))
      cases.append(scratchTranspose(m, n))
      cases.append(collatz(n))
    }
    cases.append(parallelNest())
    cases.append(shortTiles())
    return cases
  }

  /// `y[r] = reduction of x[r, 0..<n]`, across lanes and along them.
  private static func rowReduction(
    _ reduction: Reduction, _ type: ElementType, _ m: Int, _ n: Int
  ) -> KernelCase {
    let (r, row) = Sample.symbol("r")
    let (i, column) = Sample.symbol("i")
    let x = Buffer(
      name: "x", base: .parameter(0), element: type, shape: [IndexExpr(m), IndexExpr(n)],
      alignment: 4)
    let y = Buffer(
      name: "y", base: .parameter(1), element: type, shape: [IndexExpr(m)], alignment: 4)
    let total = Registers("total", type)
    let values = (0..<m * n).map { ($0 * 37 % 101) - 50 }
    let bytes =
      type == .f32 ? values.map { Float($0) / 8 }.rawBytes : values.map(Int32.init).rawBytes
    let combined = Expr.binary(
      reduction.operation, .register(total, []), .reduceLanes(reduction, .load(x, [row, column])))
    return KernelCase(
      kernel: Kernel(
        name: "reduce_\(reduction)_\(type)_\(m)_\(n)",
        parameters: [.init(x, isWritten: false), .init(y, isWritten: true)],
        body: [
          .loop(
            Loop(
              r, to: IndexExpr(m), .parallel,
              body: [
                .registers(total, initial: reduction.neutral(type)),
                .loop(
                  Loop(
                    i, to: IndexExpr(n), .vector(lanes: 16), body: [.set(total, [], combined)])),
                .store(y, [row], .register(total, [])),
              ]))
        ]),
      buffers: [bytes, [UInt8](repeating: 0, count: 4 * m)])
  }

  /// `y[i] = sum over r of x[r, i]` with both sizes given at run time, `i` in vectors of 8.
  private static func dynamicSum(_ m: Int, _ n: Int) -> KernelCase {
    let (rows, columns) = (Symbol("rows"), Symbol("columns"))
    let (r, row) = Sample.symbol("r")
    let (i, column) = Sample.symbol("i")
    let x = Buffer(
      name: "x", base: .parameter(0), element: .f32, shape: [IndexExpr(rows), IndexExpr(columns)])
    let y = Buffer(
      name: "y", base: .parameter(1), element: .f32, shape: [IndexExpr(columns)])
    let total = Registers("total", .f32)
    return KernelCase(
      kernel: Kernel(
        name: "dynamic_\(m)_\(n)",
        parameters: [.init(x, isWritten: false), .init(y, isWritten: true)],
        values: [rows, columns],
        body: [
          .loop(
            Loop(
              i, to: IndexExpr(columns), .vector(lanes: 8),
              body: [
                .registers(total, initial: .float(0.5, .f32)),
                .loop(
                  Loop(
                    r, to: IndexExpr(rows),
                    body: [
                      .prefetch(x, [row + 1, column]),
                      .set(
                        total, [],
                        .binary(.add, .register(total, []), .load(x, [row, column]))),
                    ])),
                .store(y, [column], .register(total, [])),
              ]))
        ]),
      buffers: [
        (0..<m * n).map { Float($0) / 4 }.rawBytes, [Float](repeating: 0, count: n).rawBytes,
      ],
      values: [m, n])
  }

  /// A transposition through scratch memory behind another piece of it.
  private static func scratchTranspose(_ m: Int, _ n: Int) -> KernelCase {
    let (r, row) = Sample.symbol("r")
    let (i, column) = Sample.symbol("i")
    let (r2, row2) = Sample.symbol("r2")
    let (i2, column2) = Sample.symbol("i2")
    let x = Buffer(
      name: "x", base: .parameter(0), element: .i16, shape: [IndexExpr(m), IndexExpr(n)],
      alignment: 2)
    let t = Buffer(
      name: "t", base: .scratch(byteOffset: 64), element: .i16,
      shape: [IndexExpr(n), IndexExpr(m)])
    let y = Buffer(
      name: "y", base: .parameter(1), element: .i16, shape: [IndexExpr(n), IndexExpr(m)],
      alignment: 2)
    let bytes = (0..<m * n).map { Int16($0 * 3) }.rawBytes
    return KernelCase(
      kernel: Kernel(
        name: "transpose_\(m)_\(n)",
        parameters: [.init(x, isWritten: false), .init(y, isWritten: true)],
        scratchByteCount: 64 + 2 * m * n,
        body: [
          .loop(
            Loop(
              r, to: IndexExpr(m),
              body: [
                .loop(
                  Loop(
                    i, to: IndexExpr(n), .vector(lanes: 8),
                    body: [.store(t, [column, row], .load(x, [row, column]))]))
              ])),
          .loop(
            Loop(
              r2, to: IndexExpr(n),
              body: [
                .loop(
                  Loop(
                    i2, to: IndexExpr(m), .vector(lanes: 4),
                    body: [.store(y, [row2, column2], .load(t, [row2, column2]))]))
              ])),
        ]),
      buffers: [bytes, bytes.map { _ in 0 }])
  }

  /// `while` and `if` on data: how many steps of the 3n+1 rule lead to 1.
  private static func collatz(_ n: Int) -> KernelCase {
    let (i, index) = Sample.symbol("i")
    let y = Buffer(
      name: "y", base: .parameter(0), element: .i32, shape: [IndexExpr(n)], alignment: 4)
    let value = Registers("value", .i32)
    let steps = Registers("steps", .i32)
    let current = Expr.register(value, [])
    let half = Expr.binary(.div, current, .integer(2, .i32))
    let triple = Expr.fma(current, .integer(3, .i32), .integer(1, .i32))
    let isOdd = Expr.compare(
      .equal, .binary(.rem, current, .integer(2, .i32)), .integer(1, .i32))
    return KernelCase(
      kernel: Kernel(
        name: "collatz_\(n)", parameters: [.init(y, isWritten: true)],
        body: [
          .loop(
            Loop(
              i, to: IndexExpr(n),
              body: [
                .registers(value, initial: .convert(.index(index + 1), .i32, .plain)),
                .registers(steps, initial: .integer(0, .i32)),
                .while(
                  .compare(.greater, current, .integer(1, .i32)),
                  body: [
                    .if(isOdd, then: [.set(value, [], triple)], else: [.set(value, [], half)]),
                    .set(
                      steps, [], .binary(.add, .register(steps, []), .integer(1, .i32))),
                  ]),
                .store(y, [index], .register(steps, [])),
              ]))
        ]),
      buffers: [[UInt8](repeating: 0, count: 4 * n)])
  }

  /// Three parallel loops, one with a lower bound and a step: every position once.
  private static func parallelNest() -> KernelCase {
    let (a, i) = Sample.symbol("a")
    let (b, j) = Sample.symbol("b")
    let (c, k) = Sample.symbol("c")
    let y = Buffer(
      name: "y", base: .parameter(0), element: .i32, shape: [3, 12, 5], alignment: 4)
    let value = Expr.convert(.index(i * 10000 + j * 100 + k), .i32, .plain)
    let innermost = Loop(c, to: 5, .parallel, body: [.store(y, [i, j, k], value)])
    let middle = Loop(b, from: 1, to: 12, step: 4, .parallel, body: [.loop(innermost)])
    let outermost = Loop(a, to: 3, .parallel, body: [.loop(middle)])
    return KernelCase(
      kernel: Kernel(
        name: "nest", parameters: [.init(y, isWritten: true)], body: [.loop(outermost)]),
      buffers: [[UInt8](repeating: 0, count: 4 * 180)])
  }

  /// Tiles that end early: unrolled loops over registers in a vector loop with a masked rest.
  private static func shortTiles() -> KernelCase {
    var each = KernelCase(
      kernel: Sample.matmulTile(rows: 3, blocks: 1, lanes: 16, m: 6, k: 8), buffers: [])
    each = KernelCase(
      kernel: each.kernel,
      buffers: [
        (0..<48).map { Float($0 % 7) }.rawBytes, (0..<128).map { Float($0 % 5) }.rawBytes,
        [Float](repeating: 0, count: 96).rawBytes,
      ])
    return each
  }

  /// `y[i] = x[i] + bias[i mod C] + scale[(i / C) mod 3]`, flattened.
  private static func flattened(_ channels: Int) -> KernelCase {
    let (i, index) = Sample.symbol("i")
    let count = channels * 5
    let c = IndexExpr(channels)
    let x = Buffer(name: "x", base: .parameter(0), element: .f32, shape: [IndexExpr(count)])
    let bias = Buffer(name: "bias", base: .parameter(1), element: .f32, shape: [c])
    let scale = Buffer(name: "scale", base: .parameter(2), element: .f32, shape: [3])
    let y = Buffer(name: "y", base: .parameter(3), element: .f32, shape: [IndexExpr(count)])
    let sum = Expr.binary(.add, .load(x, [index]), .load(bias, [index.mod(c)]))
    let row = index.floorDiv(c).mod(3)
    return KernelCase(
      kernel: Kernel(
        name: "flattened_\(channels)",
        parameters: [
          .init(x, isWritten: false), .init(bias, isWritten: false), .init(scale, isWritten: false),
          .init(y, isWritten: true),
        ],
        body: [
          .loop(
            Loop(
              i, to: IndexExpr(count), .vector(lanes: 16),
              body: [.store(y, [index], .binary(.add, sum, .load(scale, [row])))]))
        ]),
      buffers: [
        (0..<count).map(Float.init).rawBytes, (0..<channels).map { Float($0) * 1000 }.rawBytes,
        [0.25, 0.5, 0.75].map(Float.init).rawBytes, [Float](repeating: 0, count: count).rawBytes,
      ])
  }

  @Test("an index that a block divides is loaded as a vector")
  func blockedIndicesAreContiguous() throws {
    let text = try CodeGenerator(.x86v4).text([Self.flattened(64).kernel], .llvm)
    #expect(!text.contains("masked.gather"))
  }
}
