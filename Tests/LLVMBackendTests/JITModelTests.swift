import CRuntime
import LLVMBackend
import Loops
import Tensors
import Testing

/// The descriptor that LLVM lays out, read back through the C header.
struct JITModelTests {
  /// `y[n] = x[n] + c[n mod 4]` for an input of symbolic length.
  static func program() -> Program {
    let length = Symbol("N", minimum: 1)
    let size = Symbol("n", minimum: 1)
    let (i, index) = SampleKernels.symbol("i")
    let x = Buffer(name: "x", base: .parameter(0), element: .f32, shape: [IndexExpr(size)])
    let c = Buffer(name: "c", base: .parameter(1), element: .f32, shape: [4])
    let y = Buffer(name: "y", base: .parameter(2), element: .f32, shape: [IndexExpr(size)])
    let kernel = Kernel(
      name: "add/1",
      parameters: [
        .init(x, isWritten: false), .init(c, isWritten: false), .init(y, isWritten: true),
      ],
      values: [size],
      scratchByteCount: 192,
      body: [
        .loop(
          Loop(
            i, to: IndexExpr(size), .parallel,
            body: [
              .store(
                y, [index], .binary(.add, .load(x, [index]), .load(c, [index.mod(4)])))
            ]))
      ])
    var constants = Program.Constants()
    let offset = constants.append(Tensor([1, 2, 3, 4] as [Float], shape: [4]))
    let n = IndexExpr(length)
    return Program(
      name: "sample",
      inputs: [.init(name: "input", element: .f32, shape: [n])],
      outputs: [.init(name: "output", element: .f32, shape: [n])],
      buffers: [
        .init(name: "x", kind: .input(0), byteCount: n * 4),
        .init(name: "c", kind: .constant(offset: offset), byteCount: 16),
        .init(name: "y", kind: .output(0), byteCount: n * 4),
        .init(name: "t", kind: .arena(offset: nil), byteCount: n * 8, firstStep: 0, lastStep: 0),
      ],
      kernels: [kernel],
      steps: [.init(label: "node 1", kernel: 0, buffers: [0, 1, 2], values: [n], grain: 16)],
      constants: constants, arenaByteCount: nil)
  }

  @Test("the descriptor has C's layout and runs")
  func describesAndRuns() throws {
    let model = try JITModel(
      Self.program(), for: .native(), options: ModelOptions(threads: 2, metadata: "{\"a\":1}"))
    let found = model.descriptor.assumingMemoryBound(to: martlet_model.self).pointee
    #expect(found.version == UInt32(MARTLET_MODEL_VERSION))
    #expect(found.input_count == 1)
    #expect(found.output_count == 1)
    #expect(found.memory_count == 4)
    #expect(found.step_count == 1)
    #expect(found.symbol_count == 1)
    #expect(found.constant_bytes == 16)
    #expect(found.arena_bytes == -1)
    #expect(found.scratch_bytes == 192)
    #expect(found.threads == 2)
    #expect(String(cString: found.metadata) == "{\"a\":1}")
    #expect(String(cString: found.value_names[0]!) == "N")
    #expect(String(cString: found.target) == "native")
    let requirements = (0..<Int(found.requirement_count)).map {
      String(cString: found.requirements[$0]!)
    }
    #expect(
      requirements
        == InstructionSet.allCases.filter(Loops.Target.native().requirements.contains).map(
          \.rawValue))
    let input = found.inputs[0]
    #expect(String(cString: input.name) == "input")
    #expect(input.type == 1 && input.rank == 1 && input.dimensions[0] == 0)

    var values = [Int64](repeating: 0, count: Int(found.value_count))
    values[0] = 37
    found.compute_values(&values)
    let memories = (0..<4).map { found.memories[$0] }
    #expect(memories.map(\.kind) == [0, 2, 1, 3])
    #expect(memories.map { values[Int($0.byte_value)] } == [148, 16, 148, 296])
    #expect(memories[3].offset == -1)

    let step = found.steps[0]
    #expect(String(cString: step.label) == "node 1")
    #expect(step.buffer_count == 3)
    #expect(step.value_count == 1)
    #expect(step.grain == 16)
    #expect(step.defines_value == -1)
    #expect((0..<3).map { step.buffers[$0] } == [0, 1, 2])
    let count = values[Int(step.count_value)]
    #expect(count == 37)
    var x = (0..<37).map(Float.init)
    var y = [Float](repeating: 0, count: 37)
    let given = [values[Int(step.values[0])]]
    x.withUnsafeMutableBytes { x in
      y.withUnsafeMutableBytes { y in
        let table = [
          x.baseAddress, UnsafeMutableRawPointer(mutating: found.constants), y.baseAddress,
        ]
        step.kernel(table, given, 0, 20, nil)
        step.kernel(table, given, 20, count, nil)
      }
    }
    let expected = (0..<37).map { (i: Int) -> Float in Float(i + i % 4 + 1) }
    #expect(y == expected)
  }

  @Test("objects do not depend on how they are made", arguments: Loops.Target.named)
  func emissionIsDeterministic(target: Loops.Target) throws {
    let generator = CodeGenerator(target)
    let first = try generator.code(for: Self.program(), names: SymbolNames(prefix: "sample"))
      .objects
    let second = try generator.code(for: Self.program(), names: SymbolNames(prefix: "sample"))
      .objects
    #expect(first == second)
    #expect(first.count == 2)
    #expect(first.allSatisfy { $0.starts(with: [0x7f, 0x45, 0x4c, 0x46]) })
    let text = try generator.text(
      Self.program(), .llvm, names: SymbolNames(prefix: "sample"))
    #expect(text.contains("@sample_model_descriptor = hidden"))
    #expect(text.contains("define hidden void @sample_k0_add_1("))
    let variant = SymbolNames(prefix: "sample", variant: "0_v3")
    let named = try generator.text(Self.program(), .llvm, names: variant)
    #expect(named.contains("@sample_0_v3_model_descriptor = hidden"))
    #expect(named.contains("define hidden void @sample_0_v3_k0_add_1("))
    #expect(named.contains("@sample_constants = "))
  }
}
