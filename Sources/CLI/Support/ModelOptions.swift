import ArgumentParser
import Diagnostics
import IR
import Martlet

/// The model of a verb and how its open dimensions are filled.
struct ModelOptions: ParsableArguments {
  @Argument(help: "The model, an .onnx file.", completion: .file(extensions: ["onnx"]))
  var model: String

  @OptionGroup var shapes: ShapeOptions
  @OptionGroup var common: CommonOptions

  /// Reads the model, says what it warns of, and binds its shapes.
  func load() throws -> Model {
    try shapes.load(model, common)
  }
}

/// Bindings of open dimensions.
struct ShapeOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Bind an input's shape, or one symbol (repeatable).", valueName: "NAME=1,3,224,224"),
    transform: { text in
      guard let binding = ShapeBinding(text) else {
        throw ValidationError("found '\(text)', expected NAME=1,3,224,224")
      }
      return binding
    })
  var shape: [ShapeBinding] = []

  func load(_ path: String, _ common: CommonOptions) throws -> Model {
    var model = try Model(contentsOf: path)
    for warning in model.warnings.diagnostics { Console.error(warning.description) }
    try model.bind(shape)
    common.log("\(path): \(model.graph.nodeIDs.count) nodes")
    return model
  }
}

/// What every verb takes.
struct CommonOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Say what is being done.")
  var verbose = false

  /// Prints a line to standard error when the user wants to know.
  func log(_ line: @autoclosure () -> String) {
    if verbose { Console.error(line()) }
  }
}
