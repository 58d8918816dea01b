import CRuntime
import CRuntimeTestSupport
import Testing

@Suite("memory")
struct MemoryTests {
  @Test(arguments: 0..<40 as Range<UInt64>)
  func plannedMemoriesNeverOverlap(seed: UInt64) throws {
    let memoryCount = Int32(5 + seed * 7)
    let plan = test_plan_model_create(seed, memoryCount, Int32(3 + seed * 2))
    defer { test_plan_model_destroy(plan) }
    let model = try #require(test_plan_model_descriptor(plan))
    let session = try Session(model)
    for extent in [1, 0, 3, 2, 3] as [Int64] {
      let x = Value(type: 2, shape: [extent], bytes: Array(repeating: 0, count: Int(extent)))
      #expect(try session.run([x])[0].elements(Int64.self) == [0])
    }
    // Best fit stays near the least that is possible.
    let used = martlet_session_memory_bytes(session.handle)
    let least = test_plan_model_lower_bound(plan, 3)
    #expect(used >= least && used <= least + least / 4)
  }

  @Test func symbolsThatStepsDefine() throws {
    let session = try Session(test_nonzero())
    // Grows in the middle of a run, shrinks, stays, grows again.
    for (count, period) in [(10, 3), (2000, 2), (2000, 500), (2000, 500), (5, 9), (4000, 1)] {
      let x = (0..<count).map { $0 % period == 1 || period == 1 ? Float(1) : 0 }
      let expected = x.indices.filter { x[$0] != 0 }.map(Int64.init)
      let outputs = try session.run([Value(floats: x, shape: [Int64(count)])])
      #expect(outputs[0] == Value(integers: expected, shape: [Int64(expected.count)]))
      #expect(outputs[1] == Value(integers: expected.reversed(), shape: [Int64(expected.count)]))
    }
  }

  @Test func callersOutputOfDataDependentShape() throws {
    let session = try Session(test_nonzero())
    let x = Value(floats: [0, 1, 0, 1], shape: [4])
    let room = Value(integers: [0, 0], shape: [2])
    #expect(try session.run([x], given: [room])[0] == Value(integers: [1, 3], shape: [2]))
    let wrong = Value(integers: [0, 0, 0], shape: [3])
    let failure = #expect(throws: Failure.self) { try session.run([x], given: [wrong]) }
    #expect(failure?.message == "output 'positions' has shape [3], expected [K=2]")
  }

  @Test func impossibleSizesFromDataAreStatuses() throws {
    let session = try Session(test_broken())
    #expect(try session.run([Value(integers: [3], shape: [])])[0].elements(Int64.self) == [-1])
    let negative = #expect(throws: Failure.self) {
      try session.run([Value(integers: [-3], shape: [])])
    }
    #expect(negative?.message == "step 'define' computed -3 for the dimension 'K'")
    let huge = #expect(throws: Failure.self) {
      try session.run([Value(integers: [Int64.max / 64], shape: [])])
    }
    #expect(huge?.status == Int32(MARTLET_OUT_OF_MEMORY))
    #expect(try session.run([Value(integers: [5], shape: [])])[0].elements(Int64.self) == [-1])
  }

  @Test(arguments: 0..<64)
  func callersWorkspaceOfAnyAlignment(shift: Int) throws {
    let bytes = Int(martlet_session_workspace_bytes(test_uneven(), 2))
    let workspace = UnsafeMutableRawPointer.allocate(byteCount: bytes + 128, alignment: 64)
    defer { workspace.deallocate() }
    workspace.initializeMemory(as: UInt8.self, repeating: 0xa5, count: bytes + 128)
    var options = martlet_options()
    options.threads = 2
    options.workspace = workspace + shift
    options.workspace_bytes = bytes
    let session = try Session(test_uneven(), options: options)
    let seed = Value(integers: [Int64(shift)], shape: [])
    #expect(try session.run([seed]) == Session(test_uneven()).run([seed]))
    for outside in Array(0..<shift) + Array(shift + bytes..<bytes + 128) {
      #expect(workspace.load(fromByteOffset: outside, as: UInt8.self) == 0xa5)
    }
  }

  @Test func tooSmallWorkspaceIsAStatus() throws {
    var byte: [UInt8] = Array(repeating: 0, count: 200)
    let workspaceByteCount = byte.count
    byte.withUnsafeMutableBytes { bytes in
      var options = martlet_options()
      options.workspace = bytes.baseAddress
      options.workspace_bytes = workspaceByteCount
      let failure = #expect(throws: Failure.self) {
        try Session(test_uneven(), options: options)
      }
      #expect(failure?.status == Int32(MARTLET_WORKSPACE_TOO_SMALL))
      // A run-time plan says so when it knows.
      let dynamic = #expect(throws: Failure.self) {
        let session = try Session(test_join(), options: options)
        _ = try session.run(BindingTests.joinInputs(rows: 1, columns: 1))
        _ = try session.run(BindingTests.joinInputs(rows: 10, columns: 10))
      }
      #expect(
        dynamic?.message.hasPrefix("these shapes need 576 bytes of workspace beyond scratch")
          == true)
    }
  }
}
