import IR
import LLVMBackend
import Loops
import Lowering

/// Measures every row of the kernel tables for one problem against what the machine can do at most.
public struct KernelBench {
  /// A convolution or a product with constant weights.
  public enum Problem: Sendable, Hashable {
    /// `[m, k]` times constant `[k, n]`.
    case product(m: Int, k: Int, n: Int)
    /// `x` of shape `[n, c, spatial...]`, constant filters `[m, c / group, kernel...]`, same padding.
    case convolution(x: [Int], filters: [Int], stride: Int, dilation: Int, group: Int)
  }

  public struct Row: Encodable, Sendable {
    public let name: String
    /// Whether the cost model takes it.
    public let isChosen: Bool
    public let microseconds: Double
    /// Of the problem's multiply-adds, two operations each, however many the row needs.
    public let gigaflopsPerSecond: Double
    /// Of what the machine can do, measured in the same run.
    public let shareOfLimit: Double
    /// Its estimated time over the chosen row's.
    public let estimate: Double
  }

  public struct Report: Encodable, Sendable {
    public let problem: String
    public let threads: Int
    public let limitGigaflopsPerSecond: Double
    /// From the fastest.
    public let rows: [Row]

    /// How far the chosen row is behind the fastest, as a share of the fastest one's time.
    public var loss: Double {
      guard let best = rows.first, let chosen = rows.first(where: \.isChosen) else { return 0 }
      return chosen.microseconds / best.microseconds - 1
    }
  }

  public var threads = 1
  public var seconds = 3.0

  public init() {}

  /// Runs all rows in turns for about `seconds`.
  ///
  /// - Throws: a `Diagnostic` when the problem is none.
  public func run(_ problem: Problem, code: CodeOptions = CodeOptions()) throws -> Report {
    let graph = try problem.graph()
    let target = Loops.Target.native()
    var options = code.lowering(for: target)
    let (program, choices) = try GraphLowering.lowered(graph, for: target, options: options)
    let label = graph.nodeIDs.first.map { graph[$0].name } ?? ""
    let choice = choices.first
    // Where there is one way only, its kernel is the row.
    let step = program.steps.last { $0.label == label }
    let names = choice?.rows.map(\.name) ?? [step.map { program.kernels[$0.kernel].name } ?? ""]
    let inputs = [problem.input]
    var executors: [NativeExecutor] = []
    for name in names {
      if let choice { options.rows = [choice.problem: name] }
      let program = try GraphLowering.lower(graph, for: target, options: options)
      executors.append(
        try NativeExecutor(program, of: graph, threads: threads, target: target, cache: code.cache))
    }
    let before = try MachineLimits.measure(threads: threads)
    var times = names.map { _ in [Double]() }
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    repeat {
      for (number, executor) in executors.enumerated() {
        for run in 0..<4 {
          let steps = zip(executor.program.steps, try executor.stepNanoseconds(inputs))
          // The first run finds the caches as another row left them.
          if run == 0 { continue }
          let own = steps.filter { $0.0.label == label }.map { Double($0.1) }
          times[number].append(own.reduce(0, +))
        }
      }
    } while times[0].count < 12 || clock.now < end
    let after = try MachineLimits.measure(threads: threads)
    let limit = (before.gigaflopsPerSecond + after.gigaflopsPerSecond) / 2
    let chosen = choice?.chosen ?? names[0]
    let chosenCost = choice?.rows.first { $0.name == chosen }?.cost ?? 1
    let rows = names.enumerated().map { number, name in
      let median = times[number].sorted()[times[number].count / 2]
      let speed = 2 * Double(problem.multiplyAccumulates) / median
      let cost = choice?.rows.first { $0.name == name }?.cost ?? chosenCost
      return Row(
        name: name, isChosen: name == chosen, microseconds: median / 1000,
        gigaflopsPerSecond: speed,
        shareOfLimit: speed / limit, estimate: cost / chosenCost)
    }
    return Report(
      problem: problem.description, threads: threads, limitGigaflopsPerSecond: limit,
      rows: rows.sorted { $0.microseconds < $1.microseconds })
  }
}
