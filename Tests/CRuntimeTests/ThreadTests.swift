import CRuntime
import CRuntimeTestSupport
import Testing

@Suite("threads")
struct ThreadTests {
  @Test(arguments: 1...4 as ClosedRange<Int32>)
  func resultsDoNotDependOnTheThreadCount(threads: Int32) throws {
    let session = try Session(test_uneven(), threads: threads)
    let serial = try Session(test_uneven())
    #expect(martlet_session_thread_count(session.handle) == threads)
    for seed in 0..<50 as Range<Int64> {
      let input = [Value(integers: [seed], shape: [])]
      #expect(try session.run(input) == serial.run(input))
    }
  }

  @Test func noMoreThreadsThanCompiledFor() throws {
    let session = try Session(test_uneven(), threads: 1000)
    #expect(martlet_session_thread_count(session.handle) == 4)
  }

  @Test func callersPoolRunsTheSteps() throws {
    var taskCount: Int32 = 0
    try withUnsafeMutablePointer(to: &taskCount) { context in
      var options = martlet_options()
      options.threads = 3
      options.parallel_for = test_backwards_pool
      options.parallel_context = UnsafeMutableRawPointer(context)
      let session = try Session(test_uneven(), options: options)
      let input = [Value(integers: [7], shape: [])]
      #expect(try session.run(input) == Session(test_uneven()).run(input))
      #expect(context.pointee == 9)
    }
  }

  @Test func sessionsOnDifferentThreadsAreIndependent() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<4 as Range<Int64> {
        group.addTask {
          let serial = try Session(test_uneven())
          let session = try Session(test_uneven(), threads: 2)
          for seed in 0..<40 as Range<Int64> {
            let input = [Value(integers: [seed * 10 + task], shape: [])]
            #expect(try session.run(input) == serial.run(input))
          }
        }
      }
      try await group.waitForAll()
    }
  }

  @Test func createAndDestroyManyTimes() throws {
    for index in 0..<1000 as Range<Int64> {
      let session = try Session(test_uneven(), threads: 3)
      if index % 100 == 0 {
        _ = try session.run([Value(integers: [index], shape: [])])
      }
    }
  }

  @Test func profileAddsUpTheSteps() throws {
    let session = try Session(test_uneven(), threads: 2)
    var nanoseconds: [Int64] = [0, 0, 0]
    try nanoseconds.withUnsafeMutableBufferPointer { steps in
      martlet_session_set_profile(session.handle, steps.baseAddress)
      for seed in 0..<3 as Range<Int64> {
        _ = try session.run([Value(integers: [seed], shape: [])])
      }
      martlet_session_set_profile(session.handle, nil)
    }
    #expect(nanoseconds.allSatisfy { $0 > 0 } && nanoseconds[0] > nanoseconds[1])
  }
}
