import LLVMBackend
import Loops
import Tensors
import Testing

/// Matrix registers: machine code against the loop interpreter, where this machine has them.
@Suite("matrix tiles") struct MatrixTileTests {
  static let targets = JITTargets.all.filter(\.hasMatrixTiles)

  private func check(_ cases: [KernelCase]) throws {
    if Self.targets.isEmpty { try Test.cancel("this machine has no matrix tiles (amx-int8)") }
    let expected = try cases.map { try $0.expected() }
    for target in Self.targets {
      let jit = try JIT(cases.map(\.kernel), for: target)
      for (each, bytes) in zip(cases, expected) { try each.check(jit, target, against: bytes) }
    }
  }

  /// Bytes that nothing follows from, every fourth of them an end of its range.
  static func bytes(_ count: Int, extreme: UInt8, seed: UInt64) -> [UInt8] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 62 == 0 ? extreme : UInt8(truncatingIfNeeded: state >> 40)
    }
  }

  /// A product of `[32 * panels, 64 * steps]` and `[64 * steps, 32]` in four sums, the weights in groups of four rows.
  ///
  /// With `packs` a vector loop copies the inputs of each step into scratch memory, one copy over the other. Sums go through scratch memory, from which a vector loop takes them: stores of tiles and loads of vectors must
  /// keep their order, and so must those of the next iteration.
  static func product(panels: Int, steps: Int, slack: Int, packs: Bool = false) -> KernelCase {
    let (rows, columns, width) = (IndexExpr(32 * panels), 32, 64 * steps + slack)
    let x = Buffer(
      name: "x", base: .parameter(0), element: .u8, shape: [rows, IndexExpr(width)], alignment: 1)
    let w = Buffer(
      name: "w", base: .parameter(1), element: .i8, shape: [IndexExpr(16 * steps), 128])
    let y = Buffer(
      name: "y", base: .parameter(2), element: .i32, shape: [rows, IndexExpr(columns)])
    let sums = Buffer(
      name: "sums", base: .scratch(byteOffset: 0), element: .i32, shape: [32, IndexExpr(columns)])
    let block = Buffer(
      name: "block", base: .scratch(byteOffset: 4096), element: .u8, shape: [32, 64])
    let (panel, step, row, lane) = (Symbol("panel"), Symbol("step"), Symbol("row"), Symbol("lane"))
    let first = IndexExpr(panel) * 32
    let k = IndexExpr(step)
    let (m, n) = (IndexExpr(row), IndexExpr(lane))
    let copy = Statement.loop(
      Loop(
        row, to: 32,
        body: [
          .loop(
            Loop(
              lane, to: 64, .vector(lanes: 64),
              body: [.store(block, [m, n], .load(x, [first + m, k * 64 + n]))]))
        ]))
    let pairs = [(0, 0), (0, 1), (1, 0), (1, 1)]
    let loads: [Statement] = (0..<2).flatMap { half -> [Statement] in
      let rows = IndexExpr(16 * half)
      let inputs: TileStatement =
        packs
        ? .load(4 + half, block, [rows, 0], rowStride: 64)
        : .load(4 + half, x, [first + rows, k * 64], rowStride: IndexExpr(width))
      return [
        .tile(inputs),
        .tile(.load(6 + half, w, [k * 16, IndexExpr(64 * half)], rowStride: 128)),
      ]
    }
    let dots = pairs.enumerated().map { number, pair in
      Statement.tile(.dot(sum: number, a: 4 + pair.0, b: 6 + pair.1))
    }
    let stores = pairs.enumerated().map { number, pair in
      Statement.tile(
        .store(
          number, sums, [IndexExpr(16 * pair.0), IndexExpr(16 * pair.1)],
          rowStride: IndexExpr(columns)))
    }
    let element = Expr.binary(.add, .load(sums, [m, n]), .load(y, [first + m, n]))
    let finish = Loop(
      row, to: 32,
      body: [
        .loop(
          Loop(
            lane, to: IndexExpr(columns), .vector(lanes: 16),
            body: [.store(y, [first + m, n], element)]))
      ])
    let body: [Statement] =
      (0..<4).map { .tile(.zero($0)) }
      + [.loop(Loop(step, to: IndexExpr(steps), body: (packs ? [copy] : []) + loads + dots))]
      + stores + [.loop(finish)]
    return KernelCase(
      kernel: Kernel(
        name: "product_\(panels)_\(steps)_\(slack)\(packs ? "_packed" : "")",
        parameters: [
          .init(x, isWritten: false), .init(w, isWritten: false), .init(y, isWritten: true),
        ],
        scratchByteCount: 6144,
        body: [.loop(Loop(panel, to: IndexExpr(panels), .parallel, body: body))]),
      buffers: [
        bytes(32 * panels * width, extreme: 255, seed: 1),
        bytes(16 * steps * 128, extreme: 0x80, seed: 2),
        bytes(32 * panels * columns * 4, extreme: 0x7f, seed: 3),
      ])
  }

  /// Every register holds something else, and comes back from where it was stored.
  static let allRegisters: KernelCase = {
    let x = Buffer(name: "x", base: .parameter(0), element: .i32, shape: [128, 16])
    let y = Buffer(name: "y", base: .parameter(1), element: .i32, shape: [16, 128])
    let loads = (0..<8).map { register -> Statement in
      .tile(.load(register, x, [IndexExpr(16 * register), 0], rowStride: 16))
    }
    let stores = (0..<8).map { register -> Statement in
      .tile(.store(register, y, [0, IndexExpr(16 * (7 - register))], rowStride: 128))
    }
    return KernelCase(
      kernel: Kernel(
        name: "registers", parameters: [.init(x, isWritten: false), .init(y, isWritten: true)],
        body: loads + [.tile(.dot(sum: 5, a: 2, b: 3))] + stores),
      buffers: [
        bytes(8192, extreme: 0x80, seed: 4), Array(repeating: 1, count: 8192),
      ])
  }()

  /// A row stride that is known at run time only, and rows from the last to the first.
  static func strided(_ stride: Int) -> KernelCase {
    let n = Symbol("n", minimum: 64)
    let x = Buffer(
      name: "x", base: .parameter(0), element: .u8, shape: [16, IndexExpr(n)], alignment: 1)
    let y = Buffer(name: "y", base: .parameter(1), element: .i32, shape: [16, 16])
    return KernelCase(
      kernel: Kernel(
        name: "strided_\(stride)",
        parameters: [.init(x, isWritten: false), .init(y, isWritten: true)], values: [n],
        body: [
          .tile(.load(2, x, [15, IndexExpr(n) - 64], rowStride: IndexExpr(n) * -1)),
          .tile(.store(2, y, [0, 0], rowStride: 16)),
        ]),
      buffers: [bytes(16 * stride, extreme: 255, seed: 5), Array(repeating: 0, count: 1024)],
      values: [stride])
  }

  @Test("products through scratch memory, in calls of several iterations")
  func products() throws {
    try check([
      Self.product(panels: 1, steps: 1, slack: 0), Self.product(panels: 5, steps: 3, slack: 0),
      Self.product(panels: 2, steps: 9, slack: 13),
      Self.product(panels: 3, steps: 4, slack: 13, packs: true),
    ])
  }

  @Test("all eight registers, and strides of every kind")
  func registersAndStrides() throws {
    try check([Self.allRegisters, Self.strided(64), Self.strided(77), Self.strided(1000)])
  }

  @Test("255 * -128 added to the least sum, which wraps")
  func extremes() throws {
    let x = Buffer(name: "x", base: .parameter(0), element: .u8, shape: [16, 64])
    let w = Buffer(name: "w", base: .parameter(1), element: .i8, shape: [16, 64])
    let y = Buffer(name: "y", base: .parameter(2), element: .i32, shape: [16, 16])
    let repeated = Loop(Symbol("i"), to: 3, body: [.tile(.dot(sum: 7, a: 0, b: 1))])
    try check([
      KernelCase(
        kernel: Kernel(
          name: "extremes",
          parameters: [
            .init(x, isWritten: false), .init(w, isWritten: false), .init(y, isWritten: true),
          ],
          body: [
            .tile(.load(7, y, [0, 0], rowStride: 16)), .tile(.load(0, x, [0, 0], rowStride: 64)),
            .tile(.load(1, w, [0, 0], rowStride: 64)), .loop(repeated),
            .tile(.store(7, y, [0, 0], rowStride: 16)),
          ]),
        buffers: [
          Array(repeating: 255, count: 1024), Array(repeating: 0x80, count: 1024),
          (0..<1024).map { $0 % 4 == 3 ? 0x80 : 0 },
        ])
    ])
  }

  @Test(
    "registers are configured once and released at the end of a kernel that uses them, and of no other"
  )
  func configuration() throws {
    let generator = CodeGenerator(.x86v4amx)
    let kernel = Self.product(panels: 5, steps: 3, slack: 0).kernel
    let assembly = try generator.text([kernel], .assembly)
    for (word, count) in [("ldtilecfg", 1), ("tilerelease", 1), ("tdpbusd", 4), ("tilezero", 4)] {
      #expect(assembly.ranges(of: word).count == count, "\(word)")
    }
    #expect(assembly.ranges(of: "tilestored").count == 4)
    let other = SampleKernels.matmulTile(rows: 2, blocks: 1, lanes: 16, m: 4, k: 8)
    #expect(try !generator.text([other], .assembly).contains("tile"))
  }
}
