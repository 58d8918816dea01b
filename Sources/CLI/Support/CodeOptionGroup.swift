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

  @Option(
    help: ArgumentHelp(
      """
      Where compiled kernels are kept for the next compilation, at most 256 MB; "off" keeps none \
      (default: $XDG_CACHE_HOME/martlet/kernels, or ~/.cache/martlet/kernels).
      """,
      valueName: "DIR"),
    completion: .directory)
  var kernelCache: String?

  private var cache: KernelCacheFolder? {
    switch kernelCache {
    case nil: .usual()
    case "off": nil
    case let path?: KernelCacheFolder(path)
    }
  }

  var options: CodeOptions {
    var options = CodeOptions()
    options.cache = cache
    options.winograd = winograd
    return options
  }
}

extension CodeOptions.Winograd: ExpressibleByArgument {}
