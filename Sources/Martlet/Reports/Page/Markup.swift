import Foundation

/// Text and numbers as parts of a page, which is HTML and well-formed XML at once.
enum Markup {
  /// Text with everything replaced that markup, or XML at all, does not allow.
  static func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n", "\r": result += "&#\(scalar.value);"
      case _
      where scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
        || scalar.value & 0xfffe == 0xfffe:
        result += "\u{fffd}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A name as a page shows it among others: of a very long one, both ends.
  static func short(_ name: String) -> String {
    name.count <= 64 ? name : "\(name.prefix(24)) … \(name.suffix(36))"
  }

  /// A number with about three significant digits.
  static func number(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : "-" }
    let digits = 2 - Int(floor(log10(value.magnitude)))
    return String(format: "%.\(max(0, min(digits, 9)))f", value)
  }

  /// A number of any size with two significant digits.
  static func compact(_ value: Double) -> String {
    value == 0 ? "0" : value.isFinite ? String(format: "%.2g", value) : "-"
  }

  /// A number with one digit behind the point.
  static func decimal(_ value: Double) -> String { String(format: "%.1f", value) }

  /// A share in percent.
  static func percent(_ share: Double) -> String {
    let value = 100 * share
    return String(format: value.magnitude < 9.95 ? "%.1f %%" : "%.0f %%", value)
  }

  /// Such as `3.7 G`, in powers of 1,000.
  static func scaled(_ value: Double) -> String {
    var value = value
    for unit in ["", " k", " M", " G"] {
      if value.magnitude < 999.5 { return number(value) + unit }
      value /= 1000
    }
    return number(value) + " T"
  }

  /// A coordinate of a picture.
  static func place(_ value: Double) -> String { String(format: "%.1f", value) }

  /// Milliseconds, or microseconds where they are few.
  static func time(_ milliseconds: Double) -> String {
    milliseconds < 0.1
      ? "\(number(milliseconds * 1000)) µs" : "\(number(milliseconds)) ms"
  }
}
