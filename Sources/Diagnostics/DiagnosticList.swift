/// What an importer or a verifier found, in the order of discovery; thrown whole.
public struct DiagnosticList: Error, Sendable, CustomStringConvertible {
  public private(set) var diagnostics: [Diagnostic]

  public init(_ diagnostics: [Diagnostic] = []) {
    self.diagnostics = diagnostics
  }

  public mutating func append(_ diagnostic: Diagnostic) {
    diagnostics.append(diagnostic)
  }

  public mutating func append(contentsOf list: DiagnosticList) {
    diagnostics.append(contentsOf: list.diagnostics)
  }

  public var isEmpty: Bool { diagnostics.isEmpty }

  /// Whether anything in the list is more than a warning.
  public var hasErrors: Bool { diagnostics.contains { $0.severity != .warning } }

  /// Throws the list if it holds anything worse than a warning.
  public func throwIfErrors() throws(DiagnosticList) {
    if hasErrors { throw self }
  }

  public var description: String {
    diagnostics.map(\.description).joined(separator: "\n")
  }
}
