import CRuntime
import CRuntimeTestSupport
import Testing

@Suite("models for one size")
struct SpecialisedTests {
  @Test(arguments: [1, 2] as [Int32])
  func runForTheirSizeAndNoOther(threads: Int32) throws {
    let session = try Session(test_sized(), threads: threads)
    for count in [3, 24, 1, 24, 25] {
      let x = (0..<count).map(Float.init)
      let found = try session.run([Value(floats: x, shape: [Int64(count)])])
      let expected = x.map { count == 24 ? 3 * ($0 + 1) : $0 + 1 }
      #expect(found == [Value(floats: expected, shape: [Int64(count)])])
    }
  }

  @Test func leaveMistakesToTheModelOfAnySize() throws {
    let session = try Session(test_sized())
    let failure = #expect(throws: Failure.self) {
      try session.run([Value(floats: [1, 2], shape: [1, 2])])
    }
    #expect(failure?.status == Int32(MARTLET_WRONG_RANK))
  }

  @Test func countAsMemoryOfTheSession() throws {
    let session = try Session(test_sized())
    let own = try Session(test_static())
    #expect(
      martlet_session_memory_bytes(session.handle) >= martlet_session_memory_bytes(own.handle))
  }
}
