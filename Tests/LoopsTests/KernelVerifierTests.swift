import Diagnostics
import Loops
import Tensors
import Testing

/// One kernel that keeps all rules, and for each rule one that breaks it.
struct KernelVerifierTests {
  static let x = Buffer(name: "x", base: .parameter(0), element: .f32, shape: [8, 20])
  static let y = Buffer(name: "y", base: .parameter(1), element: .f32, shape: [8, 20])
  static let i = Symbol("i")
  static let j = Symbol("j")
  static let acc = Registers("acc", .f32, [2])
  static let element = Expr.load(x, [IndexExpr(i), IndexExpr(j)])

  static func kernel(_ body: [Statement]) -> Kernel {
    let vector = Loop(j, to: 20, .vector(lanes: 16), body: body)
    return Kernel(
      name: "k",
      parameters: [.init(x, isWritten: false), .init(y, isWritten: true)],
      body: [.loop(Loop(i, to: 8, .parallel, body: [.loop(vector)]))])
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let id: String
    let name: String
    let body: [Statement]
    var testDescription: String { name }
  }

  static let store = Statement.store(y, [IndexExpr(i), IndexExpr(j)], element)
  static let broken: [Case] = [
    Case(
      id: "loops.nesting", name: "vector in vector",
      body: [.loop(Loop(Symbol("l"), to: 4, .vector(lanes: 4), body: []))]),
    Case(
      id: "loops.nesting", name: "lanes not a power of two",
      body: [.loop(Loop(Symbol("l"), to: 4, .vector(lanes: 3), body: []))]),
    Case(
      id: "loops.nesting", name: "parallel inside",
      body: [.loop(Loop(Symbol("l"), to: 4, .parallel, body: []))]),
    Case(
      id: "loops.nesting", name: "unrolled over a variable",
      body: [.loop(Loop(Symbol("l"), to: IndexExpr(i), .unrolled, body: []))]),
    Case(
      id: "loops.scope", name: "unknown symbol",
      body: [.store(y, [IndexExpr(i), .symbol("nowhere")], .float(0, .f32))]),
    Case(
      id: "loops.scope", name: "unknown value",
      body: [.store(y, [IndexExpr(i), IndexExpr(j)], .local(Local("v", .f32)))]),
    Case(
      id: "loops.scope", name: "shadowing",
      body: [.loop(Loop(i, to: 2, body: []))]),
    Case(
      id: "loops.type", name: "mixed types",
      body: [
        .store(y, [IndexExpr(i), IndexExpr(j)], .binary(.add, element, .integer(1, .i32)))
      ]),
    Case(
      id: "loops.type", name: "stored type",
      body: [.store(y, [IndexExpr(i), IndexExpr(j)], .integer(1, .i32))]),
    Case(
      id: "loops.type", name: "square root of an integer",
      body: [.let(Local("v", .i32), .unary(.sqrt, .integer(4, .i32)))]),
    Case(
      id: "loops.register-index", name: "registers indexed by a loop",
      body: [
        .registers(acc, initial: .float(0, .f32)),
        .loop(Loop(Symbol("k"), to: 2, body: [.set(acc, [.symbol("k")], element)])),
      ]),
    Case(
      id: "loops.register-index", name: "registers out of range",
      body: [.registers(acc, initial: .float(0, .f32)), .set(acc, [2], element)]),
    Case(
      id: "loops.varying", name: "varying condition",
      body: [.if(.compare(.less, element, .float(0, .f32)), then: [], else: [])]),
    Case(
      id: "loops.varying", name: "race between lanes",
      body: [.store(y, [IndexExpr(i), 0], element)]),
    Case(
      id: "loops.bounds", name: "beyond the end",
      body: [.store(y, [IndexExpr(i) + 1, IndexExpr(j)], element)]),
    Case(id: "loops.bounds", name: "rank", body: [.store(y, [IndexExpr(j)], element)]),
    Case(
      id: "loops.parameter", name: "written input",
      body: [.store(x, [IndexExpr(i), IndexExpr(j)], element)]),
  ]

  @Test("rules that a kernel breaks", arguments: broken)
  func finds(_ each: Case) {
    let found = KernelVerifier.verify(Self.kernel(each.body)).diagnostics
    #expect(Set(found.map(\.id)) == [each.id])
  }

  @Test func acceptsWhatIsRight() {
    #expect(KernelVerifier.verify(Self.kernel([Self.store])).isEmpty)
    let guarded = Statement.storeIf(
      .compare(.less, .index(IndexExpr(Self.i)), .integer(7, .i64)), Self.y,
      [IndexExpr(Self.i) + 1, IndexExpr(Self.j)], Self.element)
    #expect(KernelVerifier.verify(Self.kernel([guarded])).isEmpty)
  }

  @Test func warnsOfTooManyRegisters() {
    let many = Registers("many", .f32, [4, 8])
    let kernel = Self.kernel([.registers(many, initial: .float(0, .f32)), Self.store])
    #expect(KernelVerifier.verify(kernel, target: .x86v4).isEmpty)
    let found = KernelVerifier.verify(kernel, target: .x86v3).diagnostics
    #expect(found.map(\.id) == ["loops.register-pressure"])
    #expect(found.first?.severity == .warning)
  }

  @Test func printsLikeTheDesign() {
    let text = Self.kernel([
      .registers(Self.acc, initial: .float(0, .f32)), .set(Self.acc, [1], Self.element), Self.store,
    ]).description
    #expect(
      text == """
        kernel @k(%x: f32[8, 20], %y: inout f32[8, 20]) {
          parallel i in 0..<8 {
            vector j in 0..<20 lanes 16 {
              registers %acc: f32[2] = f32(0.0)
              set %acc[1] = %x[i, j]
              store %y[i, j] = %x[i, j]
            }
          }
        }

        """)
  }
}
