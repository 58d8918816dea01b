import ArgumentParser

/// Random inputs for Martlet, by the thousand.
struct Fuzz: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Try random graphs, or damaged files, until something breaks.",
    subcommands: [FuzzGraphs.self, FuzzImport.self])
}
