import Loops
import Testing

struct TargetTests {
  @Test("schedules use what a target's instruction sets offer")
  func derived() {
    #expect(Target.named.map(\.vectorBits) == [128, 256, 512, 512, 512, 128])
    #expect(Target.named.map(\.vectorRegisterCount) == [16, 16, 32, 32, 32, 32])
    #expect(Target.named.map(\.hasFMA) == [false, true, true, true, true, true])
    #expect(Target.named.map(\.hasMasks) == [false, false, true, true, true, false])
    #expect(Target.named.map(\.hasDot4) == [false, false, false, true, true, false])
    #expect(Target.named.filter(\.hasMatrixTiles) == [.x86v4amx])
  }

  @Test("a target that needs more is better")
  func ordered() {
    let ascending: [Target] = [.x86v2, .x86v3, .x86v4, .x86v4vnni, .x86v4amx]
    for (lower, a) in ascending.enumerated() {
      for (upper, b) in ascending.enumerated() { #expect(b.isBetter(than: a) == (upper > lower)) }
    }
    let plus = Target(
      name: "plus", triple: Target.x86v3.triple, cpu: "x86-64-v3", features: "+gfni",
      requirements: InstructionSet.x86v3.union([.gfni]))
    #expect(plus.isBetter(than: .x86v3) && !plus.isBetter(than: .x86v4))
  }

  @Test("the baseline requires nothing that a machine of the architecture may lack")
  func baselines() {
    #expect(Target.x86v4.baseline.requirements.isEmpty)
    #expect(Target.x86v4.baseline.cpu == "x86-64")
    #expect(Target.aarch64.baseline.requirements == [.neon])
    let mac = Target(name: "mac", triple: "arm64-apple-macosx", cpu: "generic", requirements: [])
    #expect(mac.architecture == "aarch64" && mac.vectorRegisterCount == 32)
  }
}
