/// A string as the standard compares, orders and looks it up: Unicode scalar by Unicode scalar, where Swift takes
/// canonical equivalents for equal.
struct ScalarText: Hashable, Comparable {
  let text: String

  init(_ text: String) { self.text = text }

  static func == (a: ScalarText, b: ScalarText) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }

  /// Bytes of UTF-8 order as the scalars do.
  static func < (a: ScalarText, b: ScalarText) -> Bool {
    a.text.utf8.lexicographicallyPrecedes(b.text.utf8)
  }

  func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
    hasher.combine(0xFF as UInt8)
  }

  /// Where each of `others` stands in `keys`: the last place of equal ones, nil where it is none of them.
  static func places(of others: [String], in keys: [String]) -> [Int?] {
    let found = Dictionary(zip(keys.map(ScalarText.init), keys.indices), uniquingKeysWith: { $1 })
    return others.map { found[ScalarText($0)] }
  }
}
