import Diagnostics
import Loops
import Tensors
import Testing

struct ProgramVerifierTests {
  /// Two steps that copy 6 bytes through working memory.
  static func program(secondOffset: Int = 64, arena: Int = 128) -> Program {
    let kernel = LoopInterpreterTests.kernel([
      .store(
        LoopInterpreterTests.y, [LoopInterpreterTests.index],
        .load(LoopInterpreterTests.x, [LoopInterpreterTests.index]))
    ])
    return Program(
      name: "p", inputs: [.init(name: "in", element: .u8, shape: [6])],
      outputs: [.init(name: "out", element: .u8, shape: [6])],
      buffers: [
        .init(name: "in", kind: .input(0), byteCount: 6),
        .init(name: "a", kind: .arena(offset: 0), byteCount: 6, firstStep: 0, lastStep: 2),
        .init(
          name: "b", kind: .arena(offset: secondOffset), byteCount: 6, firstStep: 1, lastStep: 2),
        .init(name: "out", kind: .output(0), byteCount: 6),
      ],
      kernels: [kernel],
      steps: [
        .init(label: "first", kernel: 0, buffers: [0, 1]),
        .init(label: "second", kernel: 0, buffers: [1, 2]),
        .init(label: "third", kernel: 0, buffers: [2, 3]),
      ],
      arenaByteCount: arena)
  }

  @Test func acceptsWhatIsRight() {
    #expect(Self.program().verify().isEmpty)
  }

  @Test("what is wrong with memory", arguments: [(0, 128), (64, 66)])
  func findsMemory(secondOffset: Int, arena: Int) {
    let found = Self.program(secondOffset: secondOffset, arena: arena).verify()
    #expect(found.diagnostics.map(\.id) == ["loops.program"])
  }

  @Test func findsWrittenInputs() {
    var program = Self.program()
    program.steps[2].buffers = [2, 0]
    #expect(program.verify().diagnostics.map(\.id) == ["loops.program"])
  }

  @Test("an output's room follows from its shape, which has to be known when it is first written")
  func findsOutputsOfUnknownSize() {
    var program = Self.program()
    program.outputs[0].shape = [.symbol("n")]
    #expect(program.verify().diagnostics.map(\.id) == ["loops.program"])
    program.steps[1].defines = Symbol("n")
    #expect(program.verify().isEmpty)
    program.steps[1].defines = nil
    program.steps[2].defines = Symbol("n")
    #expect(program.verify().diagnostics.map(\.id) == ["loops.program"])
  }

  @Test func printsStepsInOrder() {
    let text = Self.program().description
    #expect(text.contains("  step 1 @k(buffer 1, buffer 2)  // second"))
    #expect(text.contains("  buffer 2 %b: 6 bytes arena + 64 steps 1...2"))
  }
}
