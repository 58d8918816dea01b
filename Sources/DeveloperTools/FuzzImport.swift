import ArgumentParser
import Foundation
import ONNXFrontend
import TestSupport

/// Imports damaged models by the thousand. Build with `--sanitize=address` to see reads that go astray.
///
/// The imports run in processes of their own, many in each: one that crashes, or takes longer than a limit, is reported
/// by its number, which is also the seed that reproduces it, and the run goes on behind it.
struct FuzzImport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Import damaged models.")

  @Argument(help: "Small models to damage.") var models: [String]
  @Option(help: "How many damaged models to import.") var count = 100_000
  @Option(help: "The number of the first.") var from = 0
  @Option(help: "Seconds that one import may take.") var limit = 20
  @Option(help: "How many processes to use.")
  var jobs = ProcessInfo.processInfo.activeProcessorCount
  @Option(help: "Stop after so many seconds, whatever is left.") var seconds: Double?
  @Option(help: "Write the damaged model with the number given by --from here, and stop.")
  var save: String?
  @Option(help: .private) var worker: String?

  func validate() throws {
    if models.isEmpty { throw ValidationError("no model is given") }
    if count < 1 || limit < 1 || jobs < 1 {
      throw ValidationError("--count, --limit and --jobs are 1 or more")
    }
  }

  func run() throws {
    let mutators = try models.sorted().map {
      Mutator([UInt8](try Data(contentsOf: URL(fileURLWithPath: $0))))
    }
    if let save {
      try Data(damaged(mutators, from)).write(to: URL(fileURLWithPath: save))
    } else if let worker {
      try work(mutators, journal: FuzzJournal(worker))
    } else {
      let supervisor = try FuzzSupervisor(
        from..<from + count, jobs: jobs,
        words: .init(subject: "damaged models", counted: "models all the same"), start: start)
      let signal = try supervisor.run(seconds: seconds)
      if !supervisor.crashes.isEmpty { throw ExitCode(1) }
      if let signal { throw ExitCode(128 + signal) }
    }
  }

  private func damaged(_ mutators: [Mutator], _ number: Int) -> [UInt8] {
    mutators[number % mutators.count].mutation(seed: UInt64(number))
  }

  private func work(_ mutators: [Mutator], journal: FuzzJournal) throws {
    let supervisor = getppid()
    for number in from..<from + count {
      // Whoever started this may have been killed.
      if getppid() != supervisor { throw ExitCode(1) }
      journal[.current] = number
      alarm(UInt32(limit))
      let bytes = damaged(mutators, number)
      let start = ContinuousClock.now
      let result = bytes.withUnsafeBytes { bytes in
        Result { try Importer().importModel(bytes, name: "damaged.onnx", folder: "/nonexistent") }
      }
      journal.finish(
        number, counts: (try? result.get()) != nil, after: ContinuousClock.now - start)
    }
    alarm(0)
    journal[.isFinished] = 1
  }

  private func start(_ numbers: Range<Int>, journal: String) throws -> ChildProcess {
    var environment = ProcessInfo.processInfo.environment
    if numbers.count > 1 {
      // The sanitizer notes where every block was allocated, which takes a quarter of the time; a single number, as one
      // repeats it to see a finding, has the whole story. What the user sets wins, because it comes last.
      let own = environment["ASAN_OPTIONS"].map { ":" + $0 } ?? ""
      environment["ASAN_OPTIONS"] = "malloc_context_size=1" + own
    }
    return try ChildProcess(
      "/proc/self/exe",
      ["fuzz", "import"] + models + [
        "--from", "\(numbers.lowerBound)", "--count", "\(numbers.count)", "--limit", "\(limit)",
        "--worker", journal,
      ], environment: environment)
  }
}
