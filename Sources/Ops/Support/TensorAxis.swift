import Diagnostics

/// Axes of tensors that exist.
enum TensorAxis {
  /// The axis counted from the front.
  ///
  /// - Throws: `attribute.axis` when it is outside `-rank..<rank`.
  static func resolve(_ axis: Int, rank: Int) throws(Diagnostic) -> Int {
    guard axis >= -rank, axis < max(rank, 1) else {
      throw Diagnostic(
        "attribute.axis", "axis is \(axis), expected one in \(-rank)..<\(rank) for rank \(rank)")
    }
    return axis < 0 ? axis + rank : axis
  }
}
