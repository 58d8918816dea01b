import Loops
import Tensors
import Testing

struct SharedConstantsTests {
  /// A program that reads some constants, in order.
  private func program(_ constants: [[Float]]) -> Program {
    var program = Program(name: "test", inputs: [], outputs: [])
    for values in constants {
      let tensor = Tensor(values, shape: [values.count])
      let offset = program.constants.append(tensor)
      program.buffers.append(
        .init(
          name: "c", kind: .constant(offset: offset), byteCount: IndexExpr(tensor.byteCount)))
    }
    return program
  }

  /// What the buffers of a program read.
  private func read(_ program: Program) -> [[Float]?] {
    program.buffers.map { buffer in
      guard case .constant(let offset) = buffer.kind else { return nil }
      let entry = program.constants.entries.first { $0.offset == offset && $0.tensor.byteCount > 0 }
      return entry?.tensor.array(of: Float.self)
    }
  }

  @Test("equal constants are stored once, and every program reads its own")
  func shares() {
    let first: [[Float]] = [[1, 2], [3], [4, 5]]
    let second: [[Float]] = [[4, 5], [1, 3], [3]]
    let shared = Program.sharingConstants([program(first), program(second)])
    #expect(shared.map(read) == [first, second])
    for program in shared {
      #expect(program.constants.entries.map(\.offset) == [0, 64, 128, 192])
      #expect(program.constants.byteCount == 200)
      #expect(program.constantByteCounts.values.reduce(0, +) == 20)
    }
    let common = Set(shared[0].constantByteCounts.keys).intersection(
      shared[1].constantByteCounts.keys)
    #expect(common == [64, 128])
  }

  @Test("equal programs share everything")
  func sharesAll() {
    let constants: [[Float]] = [[1, 2], [3]]
    let shared = Program.sharingConstants([program(constants), program(constants)])
    #expect(shared[0].constants.byteCount == program(constants).constants.byteCount)
    #expect(shared[0].constantByteCounts == shared[1].constantByteCounts)
  }

  @Test("a constant that is used twice is stored once in one program too")
  func storesOnce() {
    let constants: [[Float]] = [[1, 2], [3], [1, 2], [3, 0], [3]]
    let program = program(constants)
    #expect(program.constants.entries.map(\.offset) == [0, 64, 128])
    #expect(read(program) == constants)
  }

  @Test("constants that differ in a zero's sign or are empty are not mixed up")
  func comparesBytes() {
    let constants: [[Float]] = [[0], [], [-0.0], [7]]
    let shared = Program.sharingConstants([program(constants)])[0]
    #expect(shared.constants.entries.count == 3)
    let found = read(shared)
    #expect(found[0] == [0] && found[0]?[0].sign == .plus)
    #expect(found[2]?[0].sign == .minus)
    #expect(found[3] == [7])
  }
}
