import Diagnostics
import Tensors

/// Where the elements of a padded border come from.
package enum PaddingMode: String, CaseIterable, Sendable {
  /// One value everywhere.
  case constant
  /// Mirrored at the first and the last element, which are not repeated.
  case reflect
  /// The nearest element.
  case edge
  /// The tensor repeated.
  case wrap

  static var names: [String] { allCases.map(\.rawValue) }

  /// Which input element each output element of one axis shows; -1 for the constant value.
  ///
  /// - Parameters:
  ///   - count: elements of the input along the axis.
  ///   - begin, end: elements added on both sides; negative ones take elements away.
  func sources(count: Int, begin: Int, end: Int) throws(Diagnostic) -> [Int] {
    let length = count + begin + end
    guard length >= 0 else {
      throw Diagnostic(
        "shape.pad", "pads \(begin) and \(end) take more away than the \(count) elements there are")
    }
    if self != .constant, count == 0, length > 0 {
      throw Diagnostic("shape.pad", "mode '\(rawValue)' has no elements to pad \(length) from")
    }
    return (0..<length).map { source($0 - begin, count) }
  }

  private func source(_ position: Int, _ count: Int) -> Int {
    if (0..<count).contains(position) { return position }
    switch self {
    case .constant: return -1
    case .edge: return min(max(position, 0), count - 1)
    case .wrap: return Self.remainder(position, count)
    case .reflect:
      if count == 1 { return 0 }
      let place = Self.remainder(position, 2 * (count - 1))
      return place < count ? place : 2 * (count - 1) - place
    }
  }

  private static func remainder(_ a: Int, _ b: Int) -> Int {
    let rest = a % b
    return rest < 0 ? rest + b : rest
  }
}
