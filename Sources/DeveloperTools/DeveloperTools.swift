import ArgumentParser

/// Tools for those who work on Martlet; not part of what users get.
@main
struct DeveloperTools: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "martlet-dev", abstract: "Tools for working on Martlet itself.",
    subcommands: [
      Conformance.self, Fuzz.self, OpenShapes.self, OptimizeModel.self, RunModel.self,
    ])
}
