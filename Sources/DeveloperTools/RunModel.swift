import ArgumentParser
import Diagnostics
import IR
import Interpreter
import Martlet
import ONNXFrontend
import Tensors

/// Runs models on the interpreter with pseudorandom inputs, to see what of them works.
struct RunModel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run models on the interpreter with pseudorandom inputs.")

  @Argument(help: "ONNX files.") var models: [String]
  @Option(help: "The number that every symbolic dimension takes.") var symbols = 1
  @Flag(help: "Import only.") var importOnly = false
  @Flag(help: "Compile too, and compare with the interpreter.") var native = false
  @Option(help: "Threads of compiled code.") var threads = 1
  @Option(help: "Timed runs of compiled code.") var runs = 5

  func run() throws {
    for path in models {
      do {
        let clock = ContinuousClock()
        let start = clock.now
        let graph = try Importer().importModel(at: path).graph
        let imported = clock.now
        var line = "\(path): \(graph.nodeIDs.count) nodes, import \(imported - start)"
        if !importOnly {
          let inputs = try graph.inputs.map { try RandomInput.value(graph[$0], symbols: symbols) }
          let outputs = try Interpreter(graph).run(inputs)
          line += ", run \(clock.now - imported), outputs \(outputs.map(\.type))"
          if native { line += try compare(graph, inputs, outputs) }
        }
        print(line)
      } catch {
        print("\(path): failed\n\(error)")
      }
    }
  }

  /// Compiles the graph, runs it on the same inputs and holds the outputs against the interpreter's.
  private func compare(_ graph: Graph, _ inputs: [Value], _ expected: [Value]) throws -> String {
    let clock = ContinuousClock()
    let start = clock.now
    let executor = try NativeExecutor(graph, threads: threads)
    let compiled = clock.now
    let found = try executor.run(inputs)
    var times: [Duration] = []
    for _ in 0..<runs {
      let begin = clock.now
      _ = try executor.run(inputs)
      times.append(clock.now - begin)
    }
    var text = ", compile \(compiled - start), native \(times.sorted()[runs / 2])"
    for (actual, wanted) in zip(found, expected) {
      guard let a = actual.tensor, let b = wanted.tensor else { continue }
      let result = Tolerance.wholeNetwork.compare(a, b)
      text += result.mismatch.map { ", DIFFERS \($0)" } ?? ", agrees \(result.largestAbsoluteError)"
    }
    return text
  }
}
