import Loops
import Tensors
import Testing

@Suite("the work of a kernel") struct KernelWorkTests {
  static let (i, j, k) = (Symbol("i"), Symbol("j"), Symbol("k"))
  static let n = Symbol("n")

  static func buffer(_ number: Int, _ shape: [IndexExpr]) -> Buffer {
    Buffer(name: "p\(number)", base: .parameter(number), element: .f32, shape: shape)
  }

  /// A product of `[n, 8]` and `[8, 16]`: two operations a product, every element of the operands once.
  @Test("counts a matrix product")
  func countsProduct() {
    let a = Self.buffer(0, [IndexExpr(Self.n), 8])
    let b = Self.buffer(1, [8, 16])
    let c = Self.buffer(2, [IndexExpr(Self.n), 16])
    let (i, j, k) = (IndexExpr(Self.i), IndexExpr(Self.j), IndexExpr(Self.k))
    let sum = Registers("acc", .f32)
    let step = Statement.set(
      sum, [], .fma(.load(a, [i, k]), .load(b, [k, j]), .register(sum, [])))
    let column: [Statement] = [
      .registers(sum, initial: .float(0, .f32)), .loop(Loop(Self.k, to: 8, body: [step])),
      .store(c, [i, j], .register(sum, [])),
    ]
    let kernel = Kernel(
      name: "product",
      parameters: [
        .init(a, isWritten: false), .init(b, isWritten: false), .init(c, isWritten: true),
      ],
      values: [Self.n],
      body: [
        .loop(
          Loop(
            Self.i, to: IndexExpr(Self.n), .parallel,
            body: [.loop(Loop(Self.j, to: 16, .vector(lanes: 16), body: column))]))
      ])
    let work = KernelWork(kernel, values: [5])
    let (a0, b0, c0): (Double, Double, Double) = (4 * 5 * 8, 4 * 8 * 16, 4 * 5 * 16)
    #expect(work.floatOperations == 2.0 * 5 * 8 * 16)
    #expect(work.byteOperations == 0)
    #expect(work.readByteCounts == [a0, b0, 0])
    #expect(work.writtenByteCounts == [0, 0, c0])
    #expect(work.isExact)
  }

  /// A triangle: the inner loop is as long as the outer variable says. And a branch that one iteration of six takes.
  @Test("follows bounds and conditions that outer loops decide")
  func followsOuterLoops() {
    let y = Self.buffer(0, [6, 6])
    let (i, j) = (IndexExpr(Self.i), IndexExpr(Self.j))
    let store = Statement.store(y, [i, j], .binary(.add, .load(y, [i, j]), .float(1, .f32)))
    let extra = Statement.store(y, [i, 0], .unary(.exp, .float(1, .f32)))
    let kernel = Kernel(
      name: "triangle", parameters: [.init(y, isWritten: true)],
      body: [
        .loop(
          Loop(
            Self.i, to: 6,
            body: [
              .loop(Loop(Self.j, to: i, body: [store])),
              .if(.compare(.equal, .index(i), .index(2)), then: [extra], else: []),
            ]))
      ])
    let work = KernelWork(kernel, values: [])
    #expect(work.floatOperations == 15 + KernelWork.elementaryOperations)
    #expect(work.readByteCounts == [60])
    #expect(work.isExact)
  }

  /// A gather of 3 rows from a table of 1000 touches 3 rows; what data decide is said to be an estimate.
  @Test("counts what is reached, not what could be")
  func countsWhatIsReached() {
    let table = Self.buffer(0, [1000, 4])
    let numbers = Buffer(name: "p1", base: .parameter(1), element: .i64, shape: [3])
    let y = Self.buffer(2, [3, 4])
    let (i, j) = (IndexExpr(Self.i), IndexExpr(Self.j))
    let row = Symbol("row")
    let kernel = Kernel(
      name: "gather",
      parameters: [
        .init(table, isWritten: false), .init(numbers, isWritten: false), .init(y, isWritten: true),
      ],
      body: [
        .loop(
          Loop(
            Self.i, to: 3,
            body: [
              .bind(row, .load(numbers, [i])),
              .loop(
                Loop(
                  Self.j, to: 4, .vector(lanes: 4),
                  body: [.store(y, [i, j], .load(table, [IndexExpr(row), j]))])),
            ]))
      ])
    let work = KernelWork(kernel, values: [])
    // Three rows of four floats, and three numbers.
    #expect(work.readByteCounts == [48, 24, 0])
    #expect(work.writtenByteCounts == [0, 0, 48])
    let condition = Expr.compare(.less, .load(numbers, [0]), .integer(1, .i64))
    let branch = Kernel(
      name: "branch", parameters: kernel.parameters,
      body: [.if(condition, then: kernel.body, else: [])])
    #expect(!KernelWork(branch, values: []).isExact)
  }
}
