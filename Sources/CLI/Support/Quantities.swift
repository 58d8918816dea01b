import Foundation

/// Numbers as people read them.
enum Quantity {
  /// Such as `25.6 M`, in powers of 1,000.
  static func count(_ value: Int) -> String { scaled(Double(value), ["", " k", " M", " G", " T"]) }

  /// Such as `97.8 MB`, in powers of 1,000.
  static func bytes(_ value: Int) -> String {
    scaled(Double(value), [" B", " kB", " MB", " GB", " TB"])
  }

  /// Milliseconds with four significant digits.
  static func milliseconds(_ value: Double) -> String {
    let digits = value <= 0 ? 3 : max(0, 3 - Int(floor(log10(value))))
    return String(format: "%.\(min(digits, 6))f", value)
  }

  /// Such as `1.4e-06`.
  static func error(_ value: Double) -> String { value == 0 ? "0" : String(format: "%.1e", value) }

  private static func scaled(_ value: Double, _ units: [String]) -> String {
    var value = value
    var unit = 0
    while abs(value) >= 1000, unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    return unit == 0 ? "\(Int(value))\(units[0])" : String(format: "%.1f%@", value, units[unit])
  }
}
