import ArgumentParser
import Martlet

/// Passes on the textual form of graphs.
struct Opt: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run passes on a graph and print it, for tests and for compiler developers.")

  @Argument(help: "Textual IR (.ir), or a model (.onnx).", completion: .file())
  var file: String?
  @Option(
    name: .customLong("pass"), parsing: .upToNextOption, help: "Passes to run, in order.",
    completion: .list(Optimizer.passes.map(\.name)))
  var passes: [String] = []
  @Option(name: .shortAndLong, help: "Write the result here instead of printing it.")
  var output: String?
  @Flag(help: "Write out constants of any size.") var completeConstants = false
  @Flag(help: "List all passes.") var list = false
  @OptionGroup var options: PassOptionGroup

  func validate() throws {
    if file == nil, !list { throw ValidationError("a file is missing") }
  }

  func run() throws {
    if list {
      for pass in Optimizer.passes { print("\(pass.name): \(pass.summary)") }
      return
    }
    guard let file else { return }
    var graph = try GraphText.read(file)
    options.show(try options.optimizer.run(passes, on: &graph))
    let text = GraphText.text(of: graph, complete: completeConstants)
    if let output {
      try TextFile.write(text, to: output)
    } else {
      print(text, terminator: "")
    }
  }
}
