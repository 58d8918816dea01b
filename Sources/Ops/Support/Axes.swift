import Diagnostics

/// Axes as attributes and inputs give them, negative ones counted from the back.
enum Axes {
  /// The axis counted from the front.
  ///
  /// - Throws: `attribute.axis` when it is outside `-rank..<rank`.
  static func one(_ axis: Int, rank: Int, name: String = "axis") throws(Diagnostic) -> Int {
    guard axis >= -rank, axis < rank else {
      throw Diagnostic(
        "attribute.axis", "\(name) is \(axis), expected one in \(-rank)..<\(rank) for rank \(rank)")
    }
    return axis < 0 ? axis + rank : axis
  }

  /// Different axes counted from the front, in the order given.
  ///
  /// - Throws: `attribute.axis` when one is outside its range or occurs twice.
  static func list(_ axes: [Int], rank: Int, name: String = "axes") throws(Diagnostic) -> [Int] {
    var result: [Int] = []
    for axis in axes {
      let found = try one(axis, rank: rank, name: name)
      guard !result.contains(found) else {
        throw Diagnostic("attribute.axis", "\(name) \(axes) name axis \(found) twice")
      }
      result.append(found)
    }
    return result
  }
}
