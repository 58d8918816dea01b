import ArgumentParser
import Martlet

/// The program: a verb and its options.
@main
struct MartletCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "martlet",
    abstract: "Compiles ONNX models to native code.",
    discussion: """
      Exit status: 0 done; 1 a mistake in the model or the arguments, or a failed comparison; \
      2 something in the model is not supported yet; 64 usage; 70 a bug in martlet.
      """,
    version: martletVersion,
    subcommands: [
      Bench.self, Check.self, Compile.self, Export.self, Inspect.self, Kernels.self, Opt.self,
      Quantize.self, Run.self, Statistics.self, Verify.self,
    ])

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      ExitStatus.exit(with: error)
    }
  }
}
