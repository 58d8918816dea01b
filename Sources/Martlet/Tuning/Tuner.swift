public import IR
import LLVMBackend
import Loops
import Lowering

/// Measures the rows of kernel tables inside a model and keeps those that are faster than the cost model's.
///
/// In each round every problem of the model runs another of its rows, in turns with the model as the cost model has it,
/// so that each kernel is measured with the caches as its neighbours leave them and a drifting clock slows both.
public struct Tuner {
  /// The most threads that runs use.
  public var threads: Int
  /// Wall-clock time that may be spent, compilation included; one round is always finished.
  public var seconds: Double
  /// Called with how many rounds of how many are done.
  public var progress: (@Sendable (Int, Int) -> Void)?

  /// A row has to be faster than the cost model's by this much: noise is about as large.
  private static let leastGain = 0.03
  /// Runs of each side that a ratio needs at least.
  private static let leastRuns = 5

  public init(threads: Int, seconds: Double) {
    self.threads = threads
    self.seconds = seconds
  }

  /// - Parameters:
  ///   - graph: optimized as it will be compiled.
  ///   - inputs: what it runs on.
  /// - Returns: entries for the running processor, for problems where another row was faster.
  /// - Throws: what lowering and runs throw.
  public func tune(_ graph: Graph, _ inputs: [Value], code: CodeOptions) throws -> TuningDatabase {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    let target = Loops.Target.native()
    var code = code
    code.tuning = nil
    let usual = try TunedExecutor(graph, threads: threads, target: target, code: code, rows: [:])
    let rounds = (usual.choices.map(\.rows.count).max() ?? 1) - 1
    var ratios: [String: [String: Double]] = [:]
    for round in 1...max(1, rounds) where rounds > 0 && (round == 1 || clock.now < end) {
      var rows: [String: String] = [:]
      for choice in usual.choices {
        let others = choice.rows.map(\.name).filter { $0 != choice.chosen }
        if round <= others.count { rows[choice.problem] = others[round - 1] }
      }
      let other = try TunedExecutor(graph, threads: threads, target: target, code: code, rows: rows)
      let share = (end - clock.now) / Double(rounds - round + 1)
      let stop = clock.now + share
      var times: [(usual: [String: Double], other: [String: Double])] = []
      repeat {
        times.append((try usual.nanoseconds(inputs), try other.nanoseconds(inputs)))
      } while times.count <= Self.leastRuns || clock.now < stop
      // The first run of each side finds cold caches.
      times.removeFirst()
      for choice in other.choices where rows[choice.problem] == choice.chosen {
        let found = times.compactMap { pair in
          pair.usual[choice.label].flatMap { usual in pair.other[choice.label].map { $0 / usual } }
        }.sorted()
        if found.isEmpty { continue }
        // Of several nodes with one problem the slowest gain counts.
        let median = found[found.count / 2]
        let known = ratios[choice.problem]?[choice.chosen] ?? 0
        ratios[choice.problem, default: [:]][choice.chosen] = max(known, median)
      }
      progress?(round, rounds)
    }
    var database = TuningDatabase()
    for (problem, found) in ratios {
      guard let best = found.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }),
        best.value < 1 - Self.leastGain
      else { continue }
      database.processors[target.cpu, default: [:]][problem] = .init(
        row: best.key, ratio: (best.value * 1000).rounded() / 1000)
    }
    return database
  }
}

/// A model compiled with certain rows.
private struct TunedExecutor {
  let executor: NativeExecutor
  /// Those with several rows, of nodes with one choice.
  let choices: [KernelChoice]

  init(
    _ graph: Graph, threads: Int, target: Loops.Target, code: CodeOptions, rows: [String: String]
  ) throws {
    var options = code.lowering(for: target)
    options.rows = rows
    let (program, choices) = try GraphLowering.lowered(graph, for: target, options: options)
    executor = try NativeExecutor(
      program, of: graph, threads: threads, target: target, cache: code.cache)
    let counts = Dictionary(choices.map { ($0.label, 1) }, uniquingKeysWith: +)
    self.choices = choices.filter { $0.rows.count > 1 && counts[$0.label] == 1 }
  }

  /// One run: what the steps of each label took together.
  func nanoseconds(_ inputs: [Value]) throws -> [String: Double] {
    let steps = zip(executor.program.steps, try executor.stepNanoseconds(inputs))
    return Dictionary(steps.map { ($0.label, Double($1)) }, uniquingKeysWith: +)
  }
}
