public import ArgumentParser
public import Martlet

/// Choices about generated code.
struct CodeOptionGroup: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Which minimal filtering 3 by 3 convolutions may use: off, 2, 4 or auto.",
      valueName: "WHICH"))
  var winograd = CodeOptions.Winograd.auto

  var options: CodeOptions {
    var options = CodeOptions()
    options.winograd = winograd
    return options
  }
}

extension CodeOptions.Winograd: ExpressibleByArgument {}
