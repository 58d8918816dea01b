import CRuntime
import CRuntimeTestSupport
import Testing

@Suite("the choice of a variant")
struct VariantTests {
  /// A processor that has the given bits, and an operating system that saves the registers of `state`.
  private func processor(
    _ bits: [(word: Int, bit: Int)], state: UInt64 = 0xe7
  ) -> martlet_processor {
    var processor = martlet_processor()
    processor.saved_state = state
    withUnsafeMutableBytes(of: &processor.words) { bytes in
      let words = bytes.bindMemory(to: UInt64.self)
      for (word, bit) in bits { words[word] |= 1 << bit }
    }
    return processor
  }

  private static let sse3 = (word: MARTLET_CPUID_1_ECX, bit: 0)
  private static let avx2 = (word: MARTLET_CPUID_7_EBX, bit: 5)
  private static let avx512f = (word: MARTLET_CPUID_7_EBX, bit: 16)
  private static let neon = (word: MARTLET_HWCAP, bit: 1)
  private static let i8mm = (word: MARTLET_HWCAP2, bit: 13)

  /// The target of the chosen variant.
  private func choice(_ processor: martlet_processor, _ name: String? = nil) throws -> String {
    var processor = processor
    var chosen: UnsafePointer<martlet_model>?
    let status =
      name.map { martlet_choose_variant(test_variants(), &processor, $0, &chosen) }
      ?? martlet_choose_variant(test_variants(), &processor, nil, &chosen)
    guard let chosen, status == 0 else { throw Failure(status: status) }
    return String(cString: chosen.pointee.target)
  }

  @Test func theFirstThatTheProcessorRunsIsChosen() throws {
    #expect(try choice(processor([Self.sse3, Self.avx2, Self.avx512f])) == "wide")
    #expect(try choice(processor([Self.sse3, Self.avx2])) == "middle")
    #expect(try choice(processor([Self.neon, Self.i8mm])) == "arm")
  }

  @Test func registersThatTheSystemDoesNotSaveAreNotUsed() throws {
    let all = [Self.sse3, Self.avx2, Self.avx512f]
    // Without the upper halves of ZMM, without masks, without YMM.
    #expect(try choice(processor(all, state: 0x27)) == "middle")
    #expect(try choice(processor(all, state: 0xc7)) == "middle")
    let failure = #expect(throws: Failure.self) { try choice(processor(all, state: 3), "middle") }
    #expect(failure?.status == Int32(MARTLET_WRONG_PROCESSOR))
    #expect(
      failure?.message
        == "this processor lacks what the code was compiled for: 'middle' needs avx2 (switched off by the operating system)"
    )
  }

  @Test func matrixRegistersNeedBothOfTheirStatesSaved() {
    let tiles = (word: MARTLET_CPUID_7_EDX, bit: 24)
    let found = { (processor: martlet_processor) in
      withUnsafePointer(to: processor) { martlet_find_instruction_set($0, "amx-tile") }
    }
    #expect(found(processor([], state: 0x600e7)) == Int32(MARTLET_ABSENT))
    for state: UInt64 in [0xe7, 0x200e7, 0x400e7] {
      #expect(found(processor([tiles], state: state)) == Int32(MARTLET_SWITCHED_OFF))
    }
  }

  @Test func aNamedVariantIsChosenIfTheProcessorRunsIt() throws {
    let all = processor([Self.sse3, Self.avx2, Self.avx512f])
    #expect(try choice(all, "middle") == "middle")
    let failure = #expect(throws: Failure.self) { try choice(all, "narrow") }
    #expect(failure?.status == Int32(MARTLET_BAD_ARGUMENT))
    #expect(
      failure?.message
        == "options.variant is 'narrow', expected one of 'wide', 'middle', 'arm'")
  }

  @Test func everyLackIsNamedWhenNoneFits() throws {
    let failure = #expect(throws: Failure.self) { try choice(processor([Self.sse3, Self.neon])) }
    #expect(failure?.status == Int32(MARTLET_WRONG_PROCESSOR))
    #expect(
      failure?.message
        == "this processor lacks what the code was compiled for: 'wide' needs avx2, avx512f; "
        + "'middle' needs avx2; 'arm' needs i8mm")
  }

  @Test func optionsOfAnOlderCallerNameNoVariant() throws {
    // The pointer lies beyond what the caller says that its struct has.
    var options = martlet_options()
    options.size = UInt32(MemoryLayout<martlet_options>.offset(of: \.variant) ?? 0)
    options.variant = UnsafePointer(bitPattern: 1)
    var models: [UnsafePointer<martlet_model>?] = [test_static()]
    models.withUnsafeMutableBufferPointer { models in
      var variants = martlet_variants(count: 1, models: models.baseAddress)
      var session: OpaquePointer?
      #expect(martlet_session_create(&variants, &options, &session) == 0)
      #expect(String(cString: martlet_session_variant(session)) == "static")
      martlet_session_destroy(session)
    }
    #expect(String(cString: martlet_session_variant(nil)) == "")
  }
}
