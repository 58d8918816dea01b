import Foundation

/// The dictionary at the start of a `.npy` file, a Python literal with three keys.
struct NumpyHeader {
  let descriptor: String
  let isColumnMajor: Bool
  let shape: [Int]

  /// Nil when a key is missing or the shape is not a tuple of whole numbers.
  init?(_ text: String) {
    guard let descriptor = Self.value(of: "descr", in: text), descriptor.hasPrefix("'"),
      let order = Self.value(of: "fortran_order", in: text),
      let shape = Self.value(of: "shape", in: text), shape.hasPrefix("("),
      let close = shape.firstIndex(of: ")")
    else { return nil }
    self.descriptor = String(descriptor.dropFirst().prefix { $0 != "'" })
    isColumnMajor = order.hasPrefix("True")
    var dimensions: [Int] = []
    for part in shape[shape.index(after: shape.startIndex)..<close].split(separator: ",") {
      let digits = part.filter { $0 != " " && $0 != "L" }
      if digits.isEmpty { continue }
      guard let dimension = Int(digits), dimension >= 0 else { return nil }
      dimensions.append(dimension)
    }
    self.shape = dimensions
  }

  private static func value(of key: String, in text: String) -> Substring? {
    guard let range = text.range(of: "'\(key)':") else { return nil }
    return text[range.upperBound...].drop { $0 == " " }
  }
}
