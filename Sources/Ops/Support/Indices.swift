import Diagnostics

/// Indices as inputs give them, negative ones counted from the back.
enum Indices {
  /// The index counted from the front.
  ///
  /// - Throws: `index.out-of-range` when it is outside `-count..<count`.
  static func normalized(_ index: Int, count: Int) throws(Diagnostic) -> Int {
    guard index >= -count, index < count else {
      throw Diagnostic(
        "index.out-of-range", "index \(index) is outside \(-count)..<\(count)")
    }
    return index < 0 ? index + count : index
  }

  /// The indices counted from the front.
  static func normalized(_ indices: [Int], count: Int) throws(Diagnostic) -> [Int] {
    var result: [Int] = []
    result.reserveCapacity(indices.count)
    for index in indices { result.append(try normalized(index, count: count)) }
    return result
  }
}
