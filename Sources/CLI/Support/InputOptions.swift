import ArgumentParser
import Martlet

/// Where the inputs of a run come from.
struct InputOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "A file with an input's values: .npy, .npz or .pb (repeatable).", valueName: "NAME=FILE"))
  var input: [String] = []

  @Option(help: ArgumentHelp("Fill inputs that have no file with noise.", valueName: "N"))
  var randomSeed: UInt64?

  var files: InputFiles {
    InputFiles(input.map { InputFiles.Source($0) }, randomSeed: randomSeed)
  }
}
