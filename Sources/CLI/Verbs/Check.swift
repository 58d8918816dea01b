import ArgumentParser
import Diagnostics
import Martlet

/// Every reason why a model could not compile.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List every reason why a model could not compile.")

  @OptionGroup var options: ModelOptions
  @OptionGroup var targets: TargetOption
  @Flag(help: "Print JSON.") var json = false

  /// One reason, for programs.
  private struct Finding: Encodable {
    let id: String
    let severity: String
    let location: String
    let message: String
    let notes: [String]
  }

  private struct Report: Encodable {
    let model: String
    let compiles: Bool
    let findings: [Finding]
  }

  func run() throws {
    let found = Model.problems(
      at: options.model, shapes: options.shapes.shape, targets: targets.names)
    let compiles = !found.hasErrors
    if json {
      let findings = found.diagnostics.map {
        Finding(
          id: $0.id, severity: $0.severity.rawValue, location: $0.location.description,
          message: $0.message, notes: $0.notes)
      }
      try Console.json(Report(model: options.model, compiles: compiles, findings: findings))
    } else {
      for diagnostic in found.diagnostics { Console.error(diagnostic.description) }
      let count = found.diagnostics.count { $0.severity != .warning }
      print(
        compiles
          ? "\(options.model): can be compiled"
          : "\(options.model): \(count) problem\(count == 1 ? "" : "s")")
    }
    if !compiles { throw ExitStatus.status(of: found.diagnostics) }
  }
}
