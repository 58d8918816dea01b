import CRuntime
import LLVMBackend
import Loops
import Testing

/// What targets require, against what LLVM and the processor say.
@Suite("instruction sets") struct InstructionSetTests {
  @Test("a named target requires what LLVM may use for it", arguments: Loops.Target.named)
  func namedTargets(target: Loops.Target) throws {
    let found = try #require(
      Loops.Target.instructionSets(
        target.architecture, cpu: target.cpu, features: target.features))
    #expect(target.requirements == found)
  }

  @Test("features bring what they imply, and take along what implies them")
  func impliedFeatures() throws {
    let added = Loops.Target.instructionSets("x86_64", cpu: "x86-64", features: "+avx512vnni")
    #expect(try #require(added).isSuperset(of: [.avx512vnni, .avx512f, .avx2, .avx, .sse42]))
    let removed = try #require(
      Loops.Target.instructionSets("x86_64", cpu: "x86-64-v4", features: "-avx2"))
    #expect(removed.isDisjoint(with: [.avx2, .avx512f, .avx512vl]))
    #expect(removed.contains(.avx))
    let arm = Loops.Target.instructionSets(
      "aarch64", cpu: "neoverse-n1", features: "+i8mm,-fullfp16")
    #expect(try #require(arm).isSuperset(of: [.neon, .dotprod, .i8mm, .lse]))
    #expect(arm?.contains(.fullfp16) == false)
  }

  @Test("a processor that LLVM does not know is no target")
  func unknownProcessor() {
    #expect(Loops.Target.instructionSets("x86_64", cpu: "imaginary", features: "") == nil)
    // Known, and not of this architecture.
    #expect(Loops.Target.instructionSets("x86_64", cpu: "neoverse-n1", features: "") == nil)
    #expect(Loops.Target.instructionSets("aarch64", cpu: "znver4", features: "") == nil)
    #expect(Loops.Target.instructionSets("x86_64", cpu: "i386", features: "") == nil)
  }

  @Test("a processor's schedules follow from what it has")
  func processors() throws {
    let target = { (cpu: String, features: String) in
      Loops.Target(
        name: "test", triple: "x86_64-unknown-linux-gnu", cpu: cpu, features: features)
    }
    #expect(try #require(target("znver2", "")).vectorBits == 256)
    let wide = try #require(target("znver4", ""))
    #expect(wide.vectorBits == 512 && wide.hasDot4 && wide.hasMasks)
    #expect(wide.features == "-prefer-256-bit")
    #expect(try #require(target("znver4", "-avx512vl")).vectorBits == 256)
    #expect(try #require(target("nehalem", "")).vectorBits == 128)
  }

  @Test("the run-time finds of this processor what LLVM finds", arguments: InstructionSet.allCases)
  func detection(set: InstructionSet) {
    var processor = martlet_read_processor()
    let found = martlet_find_instruction_set(&processor, set.rawValue)
    #expect(found != Int32(MARTLET_UNKNOWN))
    let isPresent = found == Int32(MARTLET_PRESENT)
    #expect(isPresent == Loops.Target.native().requirements.contains(set))
  }

  @Test("sizes are computed without instructions that a processor may lack")
  func valuesRunEverywhere() throws {
    let assembly = try CodeGenerator(.x86v4).text(JITModelTests.program(), .assembly)
    let start = try #require(assembly.firstRange(of: "compute_values.body:")?.upperBound)
    let end = try #require(assembly[start...].firstRange(of: ".Lfunc_end")?.lowerBound)
    let body = assembly[start..<end]
    #expect(body.contains("retq"))
    for register in ["%xmm16", "%ymm", "%zmm"] { #expect(!body.contains(register)) }
    #expect(!body.contains("\tv"))
  }

  @Test("the size of an object is that of its code and tables")
  func objectSizes() throws {
    let objects = try CodeGenerator(.x86v3).code(for: JITModelTests.program()).objects
    for object in objects {
      let byteCount = try ObjectSize.byteCount(object)
      #expect(byteCount > 50 && byteCount < object.count)
    }
  }
}
