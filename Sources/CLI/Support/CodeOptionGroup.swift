public import ArgumentParser
import Foundation
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
      "What convolutions multiply: f32, or bf16 where the target has instructions for it and it is faster.",
      valueName: "TYPE"))
  var precision = CodeOptions.Precision.f32

  @Option(
    help: ArgumentHelp(
      """
      Where compiled kernels are kept for the next compilation, at most 256 MB; "off" keeps none \
      (default: $XDG_CACHE_HOME/martlet/kernels, or ~/.cache/martlet/kernels).
      """,
      valueName: "DIR"),
    completion: .directory)
  var kernelCache: String?

  @Option(
    help: ArgumentHelp(
      "Read from this file which kernels were measured to be faster than the cost model's; --tune adds to it.",
      valueName: "FILE"),
    completion: .file(extensions: ["json"]))
  var tuning: String?

  private var cache: KernelCacheFolder? {
    switch kernelCache {
    case nil: .usual()
    case "off": nil
    case let path?: KernelCacheFolder(path)
    }
  }

  /// - Parameter willWrite: whether the tuning database need not be there yet.
  /// - Throws: a `Diagnostic` when the tuning database is none.
  func options(willWrite: Bool = false) throws -> CodeOptions {
    var options = CodeOptions()
    if let tuning, !willWrite || FileManager.default.fileExists(atPath: tuning) {
      options.tuning = try TuningDatabase(contentsOf: tuning)
    }
    options.cache = cache
    options.winograd = winograd
    options.precision = precision
    return options
  }
}

extension CodeOptions.Winograd: ExpressibleByArgument {}
extension CodeOptions.Precision: ExpressibleByArgument {}
