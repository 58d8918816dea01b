package import Diagnostics
package import IR
package import Tensors

/// Splits strings into parts, as Python's `str.split` does; shorter rows are filled with empty strings.
///
/// - Input: `X`, strings. Outputs: `Y` with one more dimension, the largest number of parts; `Z`, `i64`, the number of
///   parts of each. The new dimension is known when it runs.
/// - Attributes: `delimiter`; without it, or when empty, parts are separated by runs of white space; `maxsplit`: how
///   often a string is split at most.
/// - Source: ONNX StringSplit-20.
package struct StringSplit: TensorOp {
  package static let schema = OpSchema(
    "StringSplit", versions: [20], inputs: [.required("X", "T1")],
    outputs: [.required("Y", "T2"), .required("Z", "T3")],
    types: ["T1": [.string], "T2": [.string], "T3": .i64])

  package var delimiter: String?
  package var maximumSplits: Int?

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    delimiter = try attributes.optionalString("delimiter")
    maximumSplits = try attributes.optionalInt("maxsplit")
  }

  package init(delimiter: String? = nil, maximumSplits: Int? = nil) {
    self.delimiter = delimiter
    self.maximumSplits = maximumSplits
  }

  package var attributes: Attributes {
    Attributes {
      $0.string("delimiter", delimiter)
      $0.int("maxsplit", maximumSplits)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    guard let shape = try context.knownShape(0) else {
      return [.tensor(TensorType(.string, nil)), .tensor(TensorType(.i64, nil))]
    }
    let parts = context.freshDimension(axis: shape.count)
    return [.tensor(.string, shape + [parts]), .tensor(.i64, shape)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let shape = inputs[0].shape
    let rows = inputs[0].strings.map(split)
    let length = rows.map(\.count).max() ?? 0
    let padded = rows.flatMap { $0 + Array(repeating: "", count: length - $0.count) }
    return [
      Tensor(strings: padded, shape: shape + [length]),
      Tensor(rows.map { Int64($0.count) }, shape: shape),
    ]
  }

  private func split(_ text: String) -> [String] {
    let limit = maximumSplits.flatMap { $0 >= 0 ? $0 : nil } ?? .max
    let scalars = Array(text.unicodeScalars)
    let separator = Array((delimiter ?? "").unicodeScalars)
    var parts: [String] = []
    var start = 0
    func append(_ range: Range<Int>) {
      parts.append(String(String.UnicodeScalarView(scalars[range])))
    }
    if !separator.isEmpty {
      var place = 0
      while place + separator.count <= scalars.count, parts.count < limit {
        if scalars[place...].starts(with: separator) {
          append(start..<place)
          place += separator.count
          start = place
        } else {
          place += 1
        }
      }
      append(start..<scalars.count)
      return parts
    }
    let isSpace = { (index: Int) in scalars[index].properties.isWhitespace }
    while true {
      while start < scalars.count, isSpace(start) { start += 1 }
      if start == scalars.count { return parts }
      if parts.count == limit {
        append(start..<scalars.count)
        return parts
      }
      var end = start
      while end < scalars.count, !isSpace(end) { end += 1 }
      append(start..<end)
      start = end
    }
  }
}
