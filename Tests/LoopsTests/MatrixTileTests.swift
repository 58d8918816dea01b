import Diagnostics
import Loops
import Tensors
import Testing

@Suite("matrix tiles") struct MatrixTileTests {
  static let a = Buffer(name: "a", base: .parameter(0), element: .u8, shape: [16, 80])
  static let b = Buffer(name: "b", base: .parameter(1), element: .i8, shape: [16, 64])
  static let c = Buffer(name: "c", base: .parameter(2), element: .i32, shape: [16, 20])

  static func kernel(_ body: [Statement], scratchByteCount: Int = 0) -> Kernel {
    Kernel(
      name: "k",
      parameters: [
        .init(a, isWritten: false), .init(b, isWritten: false), .init(c, isWritten: true),
      ],
      scratchByteCount: scratchByteCount, body: body)
  }

  /// `c[m, 2 + n] += product of a[m, 16...] and b`.
  static let product: [Statement] = [
    .tile(.load(0, c, [0, 2], rowStride: 20)), .tile(.load(6, a, [0, 16], rowStride: 80)),
    .tile(.load(7, b, [0, 0], rowStride: 64)), .tile(.dot(sum: 0, a: 6, b: 7)),
    .tile(.store(0, c, [0, 2], rowStride: 20)),
  ]

  static let bytes: [[UInt8]] = [
    (0..<1280).map { UInt8(truncatingIfNeeded: $0 % 7 == 0 ? 255 : $0 &* 37) },
    (0..<1024).map { UInt8(truncatingIfNeeded: $0 % 5 == 0 ? 128 : $0 &* 91) },
    // Sums near the end of what 32 bits hold, so that some wrap.
    (0..<1280).map { $0 % 4 == 3 ? 0x80 : UInt8(truncatingIfNeeded: $0) },
  ]

  private func run(_ kernel: Kernel) throws -> [UInt8] {
    var interpreter = LoopInterpreter(kernel, parameters: Self.bytes)
    try interpreter.run()
    return interpreter.parameters[2]
  }

  @Test("a product is 64 products of an unsigned and a signed byte for each sum, and wraps")
  func multiplies() throws {
    #expect(KernelVerifier.verify(Self.kernel(Self.product), target: .x86v4amx).isEmpty)
    let (a, b) = (Self.bytes[0], Self.bytes[1].map { Int8(bitPattern: $0) })
    var expected = Self.bytes[2].withUnsafeBytes { Array($0.bindMemory(to: Int32.self)) }
    for m in 0..<16 {
      for n in 0..<16 {
        for k in 0..<64 {
          let product = Int32(a[80 * m + 16 + k]) * Int32(b[64 * (k / 4) + 4 * n + k % 4])
          expected[20 * m + 2 + n] &+= product
        }
      }
    }
    let found = try run(Self.kernel(Self.product))
    #expect(found == expected.withUnsafeBytes { Array($0) })
  }

  @Test("a zero is zeros, in the columns that it is stored to and no others")
  func zeros() throws {
    let found = try run(
      Self.kernel([.tile(.zero(3)), .tile(.store(3, Self.c, [0, 4], rowStride: 20))]))
    for (at, byte) in found.enumerated() {
      let column = at / 4 % 20
      #expect(byte == (column >= 4 ? 0 : Self.bytes[2][at]))
    }
  }

  @Test("every row has to lie inside of the memory")
  func outOfBounds() {
    let scratch = Buffer(
      name: "s", base: .scratch(byteOffset: 64), element: .i32, shape: [16, 16])
    let broken: [Statement] = [
      // The first row, the last, the last by its length, and scratch memory that is a row short.
      .tile(.load(0, Self.a, [0, -1], rowStride: 80)),
      .tile(.load(0, Self.b, [0, 0], rowStride: 65)),
      .tile(.load(0, Self.a, [0, 17], rowStride: 80)),
      .tile(.load(0, scratch, [0, 0], rowStride: 16)),
      .tile(.load(0, Self.b, [0, 0], rowStride: -1)),
    ]
    for statement in broken {
      let kernel = Self.kernel([statement], scratchByteCount: 1024)
      let error = #expect(throws: Diagnostic.self) { _ = try run(kernel) }
      #expect(error?.id == "loops.out-of-bounds")
      #expect(KernelVerifier.verify(kernel).diagnostics.map(\.id) == ["loops.bounds"])
    }
  }

  @Test("what has not been put into a register cannot be used, nor in another iteration")
  func undefined() {
    let i = Symbol("i")
    let first = Statement.if(
      .compare(.equal, .index(IndexExpr(i)), .integer(0, .i64)), then: [.tile(.zero(0))], else: [])
    let store = Statement.tile(.store(0, Self.c, [0, 0], rowStride: 20))
    for body in [
      [store], [.tile(.zero(0)), .tile(.zero(1)), .tile(.dot(sum: 0, a: 1, b: 2))],
      [.loop(Loop(i, to: 2, .parallel, body: [first, store]))],
    ] {
      let error = #expect(throws: Diagnostic.self) { _ = try run(Self.kernel(body)) }
      #expect(error?.id == "loops.undefined-registers")
    }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let id: String
    let testDescription: String
    let body: [Statement]
  }

  static let broken: [Case] = [
    Case(
      id: "loops.register-index", testDescription: "a ninth register", body: [.tile(.zero(8))]),
    Case(
      id: "loops.register-index", testDescription: "a product of a register with itself",
      body: [.tile(.dot(sum: 0, a: 1, b: 1))]),
    Case(
      id: "loops.nesting", testDescription: "inside a vector loop",
      body: [.loop(Loop(Symbol("l"), to: 4, .vector(lanes: 4), body: [.tile(.zero(0))]))]),
    Case(
      id: "loops.type", testDescription: "sums stored as bytes",
      body: [
        .tile(
          .store(
            0, Buffer(name: "d", base: .parameter(2), element: .u8, shape: [16, 80]), [0, 0],
            rowStride: 80))
      ]),
    Case(
      id: "loops.type", testDescription: "floats loaded",
      body: [
        .tile(
          .load(
            0, Buffer(name: "f", base: .parameter(2), element: .f32, shape: [16, 20]), [0, 0],
            rowStride: 20))
      ]),
    Case(
      id: "loops.parameter", testDescription: "written input",
      body: [
        .tile(
          .store(
            0, Buffer(name: "e", base: .parameter(1), element: .i32, shape: [16, 16]), [0, 0],
            rowStride: 16))
      ]),
    Case(
      id: "loops.bounds", testDescription: "rank",
      body: [.tile(.load(0, b, [0], rowStride: 64))]),
    Case(
      id: "loops.scope", testDescription: "unknown stride",
      body: [.tile(.load(0, b, [0, 0], rowStride: .symbol("nowhere")))]),
  ]

  @Test("rules that a kernel breaks", arguments: broken)
  func finds(_ each: Case) {
    let found = KernelVerifier.verify(Self.kernel(each.body), target: .x86v4amx).diagnostics
    #expect(Set(found.map(\.id)) == [each.id])
  }

  @Test("a target without matrix tiles is refused")
  func needsTarget() {
    let found = KernelVerifier.verify(Self.kernel([.tile(.zero(0))]), target: .x86v4vnni)
    #expect(found.diagnostics.map(\.id) == ["loops.tile"])
  }

  @Test("counts two operations for every product of bytes, and the bytes of every tile")
  func work() {
    let (i, row) = (Symbol("i"), Symbol("row"))
    let body =
      Self.product.prefix(2) + [
        .loop(Loop(i, to: 3, body: [.tile(.load(7, Self.b, [0, 0], rowStride: 64))])),
        .loop(Loop(row, to: 5, body: [.tile(.dot(sum: 0, a: 6, b: 7))])),
      ]
    let work = KernelWork(Self.kernel(Array(body)), values: [])
    #expect(work.byteOperations == 5 * 2 * 16 * 16 * 64)
    #expect(work.readByteCounts == [1024, 1024, 1024])
    #expect(work.writtenByteCounts == [0, 0, 0])
    #expect(work.isExact)
  }

  @Test("prints with the memory that it touches")
  func prints() {
    let view = Buffer(name: "v", base: .parameter(2), element: .i32, shape: [320])
    let kernel = Self.kernel([
      .tile(.zero(1)), .tile(.load(6, Self.a, [0, 16], rowStride: 80)),
      .tile(.dot(sum: 1, a: 6, b: 7)), .tile(.store(1, view, [4], rowStride: 20)),
    ])
    #expect(
      kernel.description == """
        kernel @k(%a: u8[16, 80], %b: i8[16, 64], %c: inout i32[16, 20]) {
          view %v: i32[320] of %c
          tile 1 = zero
          tile 6 = %a[0, 16] row stride 80
          tile 1 += dot4<u8, i8>(tile 6, tile 7)
          store %v[4] row stride 20 = tile 1
        }

        """)
  }
}
