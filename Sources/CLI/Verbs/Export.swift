import ArgumentParser
import IR
import Martlet

/// The optimized graph as ONNX.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the optimized graph as an ONNX model that any runtime can run.")

  @OptionGroup var options: ModelOptions
  @OptionGroup var passes: PassOptionGroup
  @Option(
    name: .shortAndLong, help: "The file to write.", completion: .file(extensions: ["onnx"]))
  var output: String
  @Flag(inversion: .prefixedNo, help: "Run the passes that keep to the standard's operators.")
  var optimize = true

  func run() throws {
    var model = try options.load()
    let before = model.graph.nodeIDs.count
    if optimize {
      passes.show(try passes.optimizer.run(.portable, on: &model.graph))
    }
    try model.export(to: output)
    print("\(output): \(model.graph.nodeIDs.count) nodes, \(before) before")
  }
}
