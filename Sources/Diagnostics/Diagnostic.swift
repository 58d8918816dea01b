/// How serious a diagnostic is, and which exit status it leads to.
public enum Severity: String, Sendable, Hashable {
  /// Something worth knowing that stops nothing.
  case warning
  /// The user's mistake, or a model that the standard does not allow (exit 1).
  case error
  /// Valid, but beyond what Martlet can do today (exit 2).
  case unsupported
  /// Our bug: an invariant of the compiler broke (exit 70).
  case `internal`
}

/// Where in a model or in a text a diagnostic points.
public enum Location: Sendable, Hashable, CustomStringConvertible {
  case unknown
  /// A whole file.
  case file(String)
  /// A line of the textual IR, counted from 1.
  case line(file: String, line: Int)
  /// A node of a model, by its own name, with its operator.
  case node(model: String, name: String, op: String)
  /// A named value (an input, an output or an initializer) of a model.
  case value(model: String, name: String)

  public var description: String {
    switch self {
    case .unknown: ""
    case .file(let file): file
    case .line(let file, let line): "\(file):\(line)"
    case .node(let model, let name, let op):
      (model.isEmpty ? "" : "\(model): ") + "node '\(name)' (\(op))"
    case .value(let model, let name): (model.isEmpty ? "" : "\(model): ") + "value '\(name)'"
    }
  }
}

/// One message for the user: a stable identifier, a place, and a sentence with numbers.
///
/// Wording follows LLVM's rules: lower case, no final period, what was found and what was expected.
public struct Diagnostic: Error, Sendable, Hashable, CustomStringConvertible {
  /// Stable and dotted, such as `shape.channel-mismatch`; the wording may change, this does not.
  public var id: String
  public var severity: Severity
  public var message: String
  public var location: Location
  public var notes: [String]

  public init(
    _ id: String, _ message: String, severity: Severity = .error, at location: Location = .unknown,
    notes: [String] = []
  ) {
    self.id = id
    self.severity = severity
    self.message = message
    self.location = location
    self.notes = notes
  }

  /// A limit of today's Martlet rather than a mistake of the user's.
  public static func unsupported(
    _ id: String, _ message: String, at location: Location = .unknown
  ) -> Diagnostic {
    Diagnostic(id, message, severity: .unsupported, at: location)
  }

  /// A broken invariant of the compiler.
  public static func `internal`(
    _ id: String, _ message: String, at location: Location = .unknown
  ) -> Diagnostic {
    Diagnostic(id, message, severity: .internal, at: location)
  }

  /// The same diagnostic with a place, if it has none yet.
  public func located(at location: Location) -> Diagnostic {
    guard self.location == .unknown else { return self }
    var copy = self
    copy.location = location
    return copy
  }

  public var description: String {
    let place = location == .unknown ? "" : "\(location): "
    let label = severity == .internal ? "internal error" : severity.rawValue
    let head = "\(place)\(label): \(message) [\(id)]"
    return ([head] + notes.map { "  note: \($0)" }).joined(separator: "\n")
  }
}
