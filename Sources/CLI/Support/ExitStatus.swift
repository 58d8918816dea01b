import ArgumentParser
import Diagnostics
import Foundation

/// What the process returns; the numbers are part of the command line's contract.
enum ExitStatus {
  /// The user's mistake, or a failed comparison.
  static let failure = ExitCode(1)
  /// Something in the model that is not supported yet.
  static let unsupported = ExitCode(2)
  /// Our bug.
  static let bug = ExitCode(70)

  /// Prints an error as it describes itself and ends the process.
  static func exit(with error: any Error) -> Never {
    switch error {
    case let diagnostic as Diagnostic:
      Console.error(diagnostic.description)
      MartletCommand.exit(withError: status(of: [diagnostic]))
    case let list as DiagnosticList:
      Console.error(list.description)
      MartletCommand.exit(withError: status(of: list.diagnostics))
    default:
      MartletCommand.exit(withError: error)
    }
  }

  /// Our bugs first, then mistakes, then limits.
  static func status(of diagnostics: [Diagnostic]) -> ExitCode {
    let severities = Set(diagnostics.map(\.severity))
    if severities.contains(.internal) { return bug }
    if severities.contains(.error) { return failure }
    if severities.contains(.unsupported) { return unsupported }
    return .success
  }
}
