import ArgumentParser
import Foundation
import GraphFuzzing
import IR
import Martlet
import TestSupport

/// Grows random graphs and holds the interpreter, native code and onnxruntime against each other
/// (docs/decisions/0018-random-graphs.md).
///
/// Every number is a seed, from which everything about its graph follows. Graphs run in processes of their own, so that
/// one which crashes is reported by its number like any other difference.
struct FuzzGraphs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graphs",
    abstract: "Compare the interpreter, native code and onnxruntime on random graphs.")

  @Option(help: "The number of the first graph.") var seed = 0
  @Option(help: "How many graphs.") var count = 1000
  @Option(help: "Only these operators, separated by commas.") var operators: String?
  @Option(help: "Write the smallest form of every difference into this folder.") var keep: String?
  @Option(help: "A Python that has onnxruntime; 'none' leaves it out.")
  var python = RepositoryFolder.path("Benchmarks/.venv/bin/python")
  @Option(help: "How many processes to use.")
  var jobs = ProcessInfo.processInfo.activeProcessorCount
  @Option(help: "Seconds that one graph may take.") var limit = 120
  @Option(help: "Seconds that making one difference smaller may take.") var shrink = 30
  @Flag(help: "Print each graph, and what was grown.") var show = false
  @Option(help: .private) var worker: String?

  func validate() throws {
    if count < 1 || limit < 1 || jobs < 1 || seed < 0 {
      throw ValidationError("--count, --limit and --jobs are 1 or more, --seed 0 or more")
    }
    if let unknown = wanted?.first(where: { !OperatorRecipes.names.contains($0) }) {
      let reason = OperatorRecipes.left[unknown] ?? "there is no such operator"
      throw ValidationError("'\(unknown)' is not grown: \(reason)")
    }
    if python != "none", !FileManager.default.isExecutableFile(atPath: python) {
      throw ValidationError(
        "there is no '\(python)': Benchmarks/run.sh makes it; --python none leaves onnxruntime out")
    }
  }

  private var wanted: Set<String>? {
    operators.map { Set($0.split(separator: ",").map(String.init)) }
  }

  func run() throws {
    if let worker { return try work(FuzzJournal(worker)) }
    print("seeds \(seed)..<\(seed + count)")
    let supervisor = try FuzzSupervisor(
      seed..<seed + count, jobs: jobs,
      words: .init(subject: "random graphs", counted: "without a difference"), start: start)
    let signal = try supervisor.run(seconds: nil)
    if !supervisor.crashes.isEmpty || (signal == nil && supervisor.counted < count) {
      throw ExitCode(1)
    }
    if let signal { throw ExitCode(128 + signal) }
  }

  private func work(_ journal: FuzzJournal) throws {
    let supervisor = getppid()
    var growth = GrowthReport()
    let script = RepositoryFolder.path("Benchmarks/onnxruntime_outputs.py")
    let peer = python == "none" ? nil : OnnxRuntime(python: python, script: script)
    var search = DifferenceSearch(onnxruntime: peer)
    for number in seed..<seed + count {
      // Whoever started this may have been killed.
      if getppid() != supervisor { throw ExitCode(1) }
      journal[.current] = number
      alarm(UInt32(limit))
      let start = ContinuousClock.now
      let fuzzed = FuzzCase.make(seed: UInt64(number), operators: wanted, report: &growth)
      if show { print(KeptCase(fuzzed, note: "seed \(number)").text) }
      let found = search.difference(fuzzed)
      if let found {
        alarm(UInt32(limit + shrink))
        report(found, fuzzed, number, search)
      }
      journal.finish(number, counts: found == nil, after: ContinuousClock.now - start)
    }
    alarm(0)
    if show { summarize(growth, search) }
    fflush(nil)
    journal[.isFinished] = 1
  }

  /// Prints a difference, then its smallest form, which it keeps.
  private func report(
    _ found: Difference, _ fuzzed: FuzzCase, _ number: Int, _ search: DifferenceSearch
  ) {
    print("seed \(number): \(found)")
    fflush(nil)
    let (smallest, difference) = Shrinker.shrink(fuzzed, found, search, seconds: shrink)
    let text = KeptCase(smallest, note: "seed \(number): \(difference)").text
    print(text)
    fflush(nil)
    guard let keep else { return }
    do {
      try smallest.write(to: "\(keep)/seed_\(number)")
      try text.write(toFile: "\(keep)/seed_\(number).ir", atomically: true, encoding: .utf8)
    } catch {
      print("seed \(number) cannot be kept: \(error)")
    }
  }

  /// Prints how often each operator was grown and refused, and what the engines have no code for.
  private func summarize(_ growth: GrowthReport, _ search: DifferenceSearch) {
    for name in OperatorRecipes.names.sorted() {
      let refusal = growth.refused[name]
      print(
        "\(name): grown \(growth.grown[name] ?? 0), refused \(refusal?.count ?? 0) \(refusal?.message ?? "")"
      )
    }
    for (reason, count) in search.unsupported.sorted(by: { $0.key < $1.key }) {
      print("no native code, \(count): \(reason)")
    }
    guard let peer = search.onnxruntime else { return }
    for (form, count) in peer.missing.sorted(by: { $0.key < $1.key }) {
      print("not in onnxruntime, \(count): \(form)")
    }
    print("onnxruntime ran \(peer.runs) graphs")
  }

  private func start(_ numbers: Range<Int>, journal: String) throws -> ChildProcess {
    var arguments = [
      "fuzz", "graphs", "--seed", "\(numbers.lowerBound)", "--count", "\(numbers.count)",
      "--limit", "\(limit)", "--shrink", "\(shrink)", "--python", python, "--worker", journal,
    ]
    if let operators { arguments += ["--operators", operators] }
    if let keep { arguments += ["--keep", keep] }
    if show { arguments.append("--show") }
    var environment = ProcessInfo.processInfo.environment
    // What a single graph does is worth a look; many crashes are lines of a list.
    if count > 1 { environment["SWIFT_BACKTRACE"] = "enable=no" }
    return try ChildProcess("/proc/self/exe", arguments, environment: environment)
  }
}
