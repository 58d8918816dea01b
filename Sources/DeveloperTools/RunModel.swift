import ArgumentParser
import Diagnostics
import IR
import Interpreter
import ONNXFrontend
import Tensors

/// Runs models on the interpreter with pseudorandom inputs, to see what of them works.
struct RunModel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run models on the interpreter with pseudorandom inputs.")

  @Argument(help: "ONNX files.") var models: [String]
  @Option(help: "The number that every symbolic dimension takes.") var symbols = 1
  @Flag(help: "Import only.") var importOnly = false

  func run() throws {
    for path in models {
      do {
        let clock = ContinuousClock()
        let start = clock.now
        let graph = try Importer().importModel(at: path).graph
        let imported = clock.now
        var line = "\(path): \(graph.nodeIDs.count) nodes, import \(imported - start)"
        if !importOnly {
          let inputs = try graph.inputs.map { try input(graph[$0]) }
          let outputs = try Interpreter(graph).run(inputs)
          line += ", run \(clock.now - imported), outputs \(outputs.map(\.type))"
        }
        print(line)
      } catch {
        print("\(path): failed\n\(error)")
      }
    }
  }

  private func input(_ info: ValueInfo) throws -> Value {
    guard let type = info.type.tensor,
      let shape = type.shape?.map({ $0.evaluate { _ in symbols } ?? 1 })
    else {
      throw Diagnostic("run.input-type", "input '\(info.name)' is \(info.type)")
    }
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15
    let values = (0..<shape.elementCount).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 40) / Double(1 << 24)
    }
    return .tensor(Tensor(doubles: values, shape: shape, type: type.element))
  }
}
