import Diagnostics
import Loops
import Tensors
import Testing

struct LoopInterpreterTests {
  static let i = Symbol("i")
  static let index = IndexExpr(i)
  static let x = Buffer(name: "x", base: .parameter(0), element: .u8, shape: [6])
  static let y = Buffer(name: "y", base: .parameter(1), element: .u8, shape: [6])

  static func kernel(_ body: [Statement], lanes: Int = 4) -> Kernel {
    Kernel(
      name: "k", parameters: [.init(x, isWritten: false), .init(y, isWritten: true)],
      body: [.loop(Loop(i, to: 6, .vector(lanes: lanes), body: body))])
  }

  @Test("lanes beyond the extent are off", arguments: [1, 2, 4, 8, 16])
  func copies(lanes: Int) throws {
    let kernel = Self.kernel(
      [.store(Self.y, [Self.index], .load(Self.x, [Self.index]))], lanes: lanes)
    var interpreter = LoopInterpreter(
      kernel, parameters: [[1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 0]])
    try interpreter.run()
    #expect(interpreter.parameters[1] == [1, 2, 3, 4, 5, 6])
  }

  @Test func namesTheAccessOutOfBounds() {
    let kernel = Self.kernel([.store(Self.y, [Self.index], .load(Self.x, [Self.index + 1]))])
    var interpreter = LoopInterpreter(
      kernel, parameters: [[1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 0]])
    #expect {
      try interpreter.run()
    } throws: { error in
      guard let error = error as? Diagnostic else { return false }
      return error.id == "loops.out-of-bounds" && error.message.contains("'x'[6]")
        && error.message.contains("'k'")
    }
  }

  @Test func refusesConditionsThatDiffer() {
    let condition = Expr.compare(.less, .load(Self.x, [Self.index]), .integer(3, .u8))
    let kernel = Self.kernel([.if(condition, then: [], else: [])])
    var interpreter = LoopInterpreter(
      kernel, parameters: [[1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 0]])
    #expect(throws: Diagnostic.self) { try interpreter.run() }
  }

  @Test("integers wrap, saturate and never trap")
  func integerEdges() throws {
    let values: [(Expr, UInt8)] = [
      (.binary(.add, .integer(200, .u8), .integer(100, .u8)), 44),
      (.binary(.div, .integer(7, .u8), .integer(0, .u8)), 0),
      (.binary(.shiftLeft, .integer(3, .u8), .integer(8, .u8)), 0),
      (.convert(.float(300.5, .f32), .u8, .saturating), 255),
      (.convert(.float(2.5, .f32), .u8, .saturating), 2),
      (.convert(.float(.nan, .f32), .u8, .saturating), 0),
    ]
    let stores = values.enumerated().map { number, pair in
      Statement.store(Self.y, [IndexExpr(number)], pair.0)
    }
    let kernel = Kernel(
      name: "k", parameters: [.init(Self.x, isWritten: false), .init(Self.y, isWritten: true)],
      body: stores)
    var interpreter = LoopInterpreter(
      kernel, parameters: [[0, 0, 0, 0, 0, 0], [9, 9, 9, 9, 9, 9]])
    try interpreter.run()
    #expect(interpreter.parameters[1] == values.map(\.1))
  }
}
