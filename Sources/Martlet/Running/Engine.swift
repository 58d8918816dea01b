/// What runs a model.
public enum Engine: String, Sendable, CaseIterable, Codable {
  /// Machine code.
  case native
  /// The reference, operator by operator.
  case interpreter
}
