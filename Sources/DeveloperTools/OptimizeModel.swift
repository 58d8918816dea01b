import ArgumentParser
import Diagnostics
import IR
import Interpreter
import Martlet
import ONNXFrontend
import PassManager
import Passes
import Tensors

/// Runs the compiler's graph passes on models, to see what they do and whether results stay.
struct OptimizeModel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "optimize", abstract: "Run the graph passes on models and count operators.")

  @Argument(help: "ONNX files.") var models: [String]
  @Option(help: "Print the graph after these passes.") var printAfter: [String] = []
  @Flag(help: "Print the graph after every pass that changes it.") var printAfterChange = false
  @Flag(help: "Print the graph at the end.") var printGraph = false
  @Flag(help: "Print the time and the changes of every pass.") var timePasses = false
  @Flag(help: "Run the graph before and after on the interpreter and compare.") var compare = false
  @Flag(help: "Compare compiled code for the graph after with the interpreter.") var native = false
  @Option(help: "The number that every symbolic dimension takes.") var symbols = 1
  @Option(help: "Begin no rewrite once this many edits have been made.") var bisectLimit: Int?
  @Option(help: "A folder that keeps the graph before a pass that fails.") var reproducer: String?

  func run() throws {
    for path in models {
      do {
        try optimize(path)
      } catch {
        print("\(path): failed\n\(error)")
      }
    }
  }

  private func optimize(_ path: String) throws {
    let before = try Importer().importModel(at: path).graph
    var options = PassOptions()
    options.printAfter = Set(printAfter)
    options.printAfterChange = printAfterChange
    options.output = { print($0) }
    options.bisectLimit = bisectLimit
    options.reproducer = reproducer.map { ReproducerDirectory($0) }
    var graph = before
    let start = ContinuousClock.now
    var text = ""
    for pipeline in Pipelines.compile {
      let report = try PassManager(options).run(pipeline, on: &graph)
      if !report.unstable.isEmpty { text += "  not stable: \(report.unstable)\n" }
      if timePasses { text += report.timing }
    }
    let time = ContinuousClock.now - start
    print("\(path): \(before.nodeIDs.count) -> \(graph.nodeIDs.count) nodes in \(time)")
    print(
      "  before: \(Self.census(before))\n  after: \(Self.census(graph))\n\(text)", terminator: "")
    if printGraph { print(Printer.print(graph)) }
    guard compare || native else { return }
    let inputs = try before.inputs.map { try RandomInput.value(before[$0], symbols: symbols) }
    let expected = try Interpreter(before).run(inputs)
    if compare { report("interpreter", try Interpreter(graph).run(inputs), expected) }
    if native { report("native", try NativeExecutor(graph, threads: 1).run(inputs), expected) }
  }

  private func report(_ engine: String, _ found: [Value], _ expected: [Value]) {
    for (index, (a, b)) in zip(found, expected).enumerated() {
      guard let a = a.tensor, let b = b.tensor else { continue }
      let result = Tolerance.wholeNetwork.compare(a, b)
      let verdict = result.mismatch.map { "DIFFERS \($0)" } ?? "agrees"
      print("  \(engine) output \(index): \(verdict), error \(result.largestAbsoluteError)")
    }
  }

  /// How often each operator occurs, the most frequent first; fused regions by their anchor.
  private static func census(_ graph: Graph) -> String {
    var counts: [String: Int] = [:]
    for id in graph.nodeIDs {
      var name = graph[id].opName
      for case .graph(let body) in graph[id].op.attributes.entries.map(\.value) {
        name = "[\(body.nodeIDs.map { body[$0].opName }.joined(separator: " "))]"
      }
      counts[name, default: 0] += 1
    }
    let rows = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return rows.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
  }
}
