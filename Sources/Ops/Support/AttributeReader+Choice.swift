import Diagnostics
import IR

extension AttributeReader {
  /// A string attribute that names one of the cases of an enumeration.
  ///
  /// - Throws: `attribute.value` when it names none.
  mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, default standard: Choice
  ) throws(Diagnostic) -> Choice where Choice.RawValue == String {
    let names = Choice.allCases.map(\.rawValue)
    let found = try string(name, default: standard.rawValue, oneOf: names)
    return Choice(rawValue: found) ?? standard
  }
}
