package import IR
package import Tensors

/// Compares values of any kind.
package enum ValueComparison {
  /// What differs first; nil when the values agree.
  package static func mismatch(_ actual: Value, _ expected: Value, _ tolerance: Tolerance)
    -> String?
  {
    switch (actual, expected) {
    case (.tensor(let a), .tensor(let b)): return tolerance.compare(a, b).mismatch
    case (.sequence(let a), .sequence(let b)):
      if a.count != b.count { return "found \(a.count) elements, expected \(b.count)" }
      for (index, (x, y)) in zip(a, b).enumerated() {
        if let found = mismatch(x, y, tolerance) { return "element \(index): \(found)" }
      }
      return nil
    case (.optional(let a), .optional(let b)):
      switch (a, b) {
      case (nil, nil): return nil
      case (let a?, let b?): return mismatch(a, b, tolerance)
      case (nil, _): return "found nothing, expected a value"
      case (_, nil): return "found a value, expected nothing"
      }
    case (.map(let a), .map(let b)):
      if a.count != b.count { return "found \(a.count) entries, expected \(b.count)" }
      for (index, (x, y)) in zip(a, b).enumerated() {
        if let found = mismatch(x.key, y.key, .exact) { return "key \(index): \(found)" }
        if let found = mismatch(x.value, y.value, tolerance) { return "value \(index): \(found)" }
      }
      return nil
    default: return "found \(actual.type), expected \(expected.type)"
    }
  }
}
