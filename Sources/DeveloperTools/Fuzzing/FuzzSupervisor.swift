import Foundation

/// Shares numbers out among workers, starts them anew behind what crashed one, and says how far they are.
final class FuzzSupervisor {
  private final class Worker {
    /// What is left of the numbers that the worker is responsible for.
    var numbers: Range<Int>
    let journal: FuzzJournal
    var process: ChildProcess?

    init(_ numbers: Range<Int>, _ journal: FuzzJournal) {
      self.numbers = numbers
      self.journal = journal
    }
  }

  /// Starts a worker for some numbers, which keeps the journal at this path.
  typealias Start = (_ numbers: Range<Int>, _ journal: String) throws -> ChildProcess

  /// What the numbers stand for, and what is counted among them.
  struct Words {
    let subject: String
    let counted: String
  }

  private let words: Words
  private let numbers: Range<Int>
  private let start: Start
  private let workers: [Worker]
  private let began = ContinuousClock.now
  private(set) var crashes: [Int] = []

  init(_ numbers: Range<Int>, jobs: Int, words: Words, start: @escaping Start) throws {
    self.words = words
    self.numbers = numbers
    self.start = start
    let folder = FileManager.default.temporaryDirectory.path
    let process = ProcessInfo.processInfo.processIdentifier
    let jobs = max(1, min(jobs, numbers.count))
    workers = try (0..<jobs).map { job in
      let edges = [job, job + 1].map { numbers.lowerBound + numbers.count * $0 / jobs }
      let journal = try FuzzJournal("\(folder)/fuzz-\(process)-\(job)")
      return Worker(edges[0]..<edges[1], journal)
    }
  }

  deinit {
    for worker in workers {
      worker.process?.stop()
      unlink(worker.journal.path)
    }
  }

  /// Runs until all numbers are done, a deadline, or SIGINT or SIGTERM.
  ///
  /// - Parameters:
  ///   - seconds: the deadline; nil for none.
  ///   - interval: how often a line says how far the workers are.
  /// - Returns: the signal that ended the run.
  func run(seconds: Double?, interval: Duration = .seconds(5)) throws -> Int32? {
    // Signals wait until they are asked for, so that none can come between two steps here.
    var awaited = sigset_t()
    sigemptyset(&awaited)
    for signal in [SIGINT, SIGTERM, SIGCHLD] { sigaddset(&awaited, signal) }
    pthread_sigmask(SIG_BLOCK, &awaited, nil)
    var report = began + interval
    var signal: Int32?
    while try advance(), signal == nil, seconds.map({ elapsed < $0 }) ?? true {
      var pause = timespec(tv_sec: 0, tv_nsec: 100_000_000)
      let received = sigtimedwait(&awaited, nil, &pause)
      if received == SIGINT || received == SIGTERM { signal = received }
      if ContinuousClock.now >= report {
        say(progress)
        report += interval
      }
    }
    for worker in workers {
      worker.process?.stop()
      worker.process = nil
    }
    say(total)
    return signal
  }

  /// Looks after every worker; false when all numbers are done.
  private func advance() throws -> Bool {
    for worker in workers {
      if let process = worker.process {
        guard let ending = process.ending() else { continue }
        worker.process = nil
        try account(for: ending, of: worker)
      }
      if worker.numbers.isEmpty { continue }
      worker.journal[.current] = worker.numbers.lowerBound - 1
      worker.journal[.isFinished] = 0
      worker.process = try start(worker.numbers, worker.journal.path)
    }
    return workers.contains { $0.process != nil }
  }

  private func account(for ending: ChildProcess.Ending, of worker: Worker) throws {
    let last = worker.journal[.current]
    let isFinished = worker.journal[.isFinished] == 1
    defer {
      worker.numbers =
        (isFinished ? worker.numbers.upperBound : last + 1)..<worker.numbers.upperBound
    }
    if ending == .exit(0), isFinished { return }
    guard last >= worker.numbers.lowerBound else {
      throw FuzzProblem(description: "a worker did not start: \(ending)")
    }
    crashes.append(last)
    let what =
      isFinished
      ? "after the last one, which is number"
      : ending == .signal(SIGALRM) ? "time-out at number" : "crash at number"
    say("\(what) \(last): \(ending)")
  }

  // MARK: - Words

  private var elapsed: Double { (ContinuousClock.now - began) / .seconds(1) }
  private func sum(_ entry: FuzzJournal.Entry) -> Int {
    workers.reduce(0) { $0 + $1.journal[entry] }
  }

  private var done: Int { sum(.done) }
  /// How many of those that are done are counted.
  var counted: Int { sum(.counted) }
  private var rate: Int { Int(Double(done) / max(elapsed, 0.001)) }

  private var slowest: String {
    let longest = workers.map(\.journal).max {
      $0[.slowestMicroseconds] < $1[.slowestMicroseconds]
    }
    guard let longest, done > 0 else { return "" }
    return
      ", slowest \(longest[.slowestMicroseconds] / 1000) ms at number \(longest[.slowestNumber])"
  }

  private var progress: String {
    "\(done) of \(numbers.count), \(rate) per second, \(crashes.count) crashes\(slowest)"
  }

  private var total: String {
    "\(done) of \(numbers.count) \(words.subject) in \(Int(elapsed)) s, \(rate) per second, \(counted) of them "
      + "\(words.counted), \(crashes.count) crashes\(slowest)"
  }

  /// Prints a line at once: a pipe would otherwise hold it back until the end.
  private func say(_ line: String) {
    print(line)
    fflush(nil)
  }
}

/// What keeps the fuzzer from running at all.
struct FuzzProblem: Error, CustomStringConvertible {
  let description: String
}
