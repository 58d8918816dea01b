package import Diagnostics
package import IR
package import Tensors

/// Counts which n-grams of a pool occur in a sequence, also with gaps, and weights the counts.
///
/// - Input: `X`, strings or integers, `[C]` or `[N, C]`. Output: `Y`, `f32`, `[size]` or `[N, size]`, where `size` is one more
///   than the largest of `ngram_indexes`.
/// - Attributes (the first five required): `mode`: TF (counts), IDF (weight where it occurs) or TFIDF (count times
///   weight); `min_gram_length`, `max_gram_length`, `max_skip_count` (the largest gap); `ngram_counts`, where in the
///   pool the grams of 1, 2, ... elements begin; `ngram_indexes`, the output column of each gram; `pool_strings` or
///   `pool_int64s`; `weights`, one per column, 1 by default.
/// - Errors: `attribute.missing`, `attribute.length`, `attribute.value`, `shape.rank-mismatch`.
/// - Source: ONNX TfIdfVectorizer-9. Grams of one element count once, whatever the gap.
package struct TfIdfVectorizer: TensorOp {
  package static let schema = OpSchema(
    "TfIdfVectorizer", versions: [9], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T1")], types: ["T": [.string, .i32, .i64], "T1": [.f32]])

  package let attributes: Attributes
  let mode: String
  let lengths: ClosedRange<Int>
  let largestGap: Int
  let columnCount: Int
  /// The output column of every gram that counts, by its elements as text.
  private let columns: [[ScalarText]: Int]
  let weights: [Double]?

  package init(_ reader: inout AttributeReader) throws(Diagnostic) {
    let mode = try reader.string("mode", default: "", oneOf: ["TF", "IDF", "TFIDF"])
    let least = try reader.requiredInt("min_gram_length")
    let most = try reader.requiredInt("max_gram_length")
    let gap = try reader.requiredInt("max_skip_count")
    let counts = try reader.ints("ngram_counts") ?? []
    let indexes = try reader.ints("ngram_indexes") ?? []
    let strings = try reader.strings("pool_strings")
    let integers = try reader.ints("pool_int64s")
    let weights = try reader.floats("weights")
    attributes = Attributes {
      $0.string("mode", mode)
      $0.int("min_gram_length", least)
      $0.int("max_gram_length", most)
      $0.int("max_skip_count", gap)
      $0.ints("ngram_counts", counts)
      $0.ints("ngram_indexes", indexes)
      $0.strings("pool_strings", strings)
      $0.ints("pool_int64s", integers)
      $0.floats("weights", weights)
    }
    guard !mode.isEmpty else { throw reader.missing("mode") }
    guard let largest = indexes.max(), indexes.allSatisfy({ (0..<1 << 30).contains($0) }) else {
      throw Diagnostic("attribute.value", "ngram_indexes are \(indexes), expected output columns")
    }
    guard least >= 1, most >= least, (0..<1 << 30).contains(gap) else {
      throw Diagnostic(
        "attribute.value", "grams of \(least) to \(most) elements with gaps up to \(gap)")
    }
    (self.mode, lengths, largestGap, columnCount) = (mode, least...most, gap, largest + 1)
    self.weights = weights
    if let weights, weights.count < largest + 1 {
      throw Diagnostic(
        "attribute.length", "'weights' has \(weights.count) values, expected \(largest + 1)")
    }
    let pool = (strings ?? integers?.map(String.init) ?? []).map(ScalarText.init)
    columns = try Self.columns(pool, counts, indexes, lengths)
  }

  private static func columns(
    _ pool: [ScalarText], _ starts: [Int], _ indexes: [Int], _ lengths: ClosedRange<Int>
  ) throws(Diagnostic) -> [[ScalarText]: Int] {
    var columns: [[ScalarText]: Int] = [:]
    var number = 0
    for (place, start) in starts.enumerated() {
      let end = place + 1 < starts.count ? starts[place + 1] : pool.count
      let length = place + 1
      guard start >= 0, start <= end, end <= pool.count,
        number + (end - start) / length <= indexes.count
      else {
        throw Diagnostic(
          "attribute.length",
          "ngram_counts \(starts) do not fit \(pool.count) pool elements and \(indexes.count) indexes"
        )
      }
      for gram in 0..<(end - start) / length {
        let first = start + gram * length
        if lengths.contains(length) {
          columns[Array(pool[first..<first + length])] = indexes[number]
        }
        number += 1
      }
    }
    return columns
  }

  /// The grams that count, sorted, where their elements are integers.
  var integerGrams: [(elements: [Int64], column: Int)]? {
    var grams: [(elements: [Int64], column: Int)] = []
    for (elements, column) in columns.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      let numbers = elements.compactMap { Int64($0.text) }
      guard numbers.count == elements.count else { return nil }
      grams.append((numbers, column))
    }
    return grams
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    guard let shape = try context.knownShape(0) else { return [.tensor(TensorType(.f32, nil))] }
    _ = try Columns.rows(shape)
    return [.tensor(.f32, shape.dropLast() + [IndexExpr(columnCount)])]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let (rows, length) = try Columns.table(x.shape)
    let tokens = (x.type == .string ? x.strings : x.ints.map(String.init)).map(ScalarText.init)
    var result: [Double] = []
    for row in 0..<rows {
      let counts = count(Array(tokens[row * length..<(row + 1) * length]))
      for (column, count) in counts.enumerated() {
        let weight = weights?[column] ?? 1
        switch mode {
        case "TF": result.append(count)
        case "IDF": result.append(count > 0 ? weight : 0)
        default: result.append(count * weight)
        }
      }
    }
    return [Tensor(doubles: result, shape: x.shape.dropLast() + [columnCount], type: .f32)]
  }

  /// How often each column's grams occur in one sequence.
  private func count(_ tokens: [ScalarText]) -> [Double] {
    var counts = Array(repeating: 0.0, count: columnCount)
    for step in 1...largestGap + 1 where step == 1 || step < tokens.count {
      for length in lengths where step == 1 || length > 1 {
        let reach = (length - 1).multipliedReportingOverflow(by: step)
        guard !reach.overflow, reach.partialValue < tokens.count else { break }
        for start in 0..<tokens.count - reach.partialValue {
          let gram = stride(from: start, through: start + reach.partialValue, by: step)
          if let column = columns[gram.map { tokens[$0] }] { counts[column] += 1 }
        }
      }
    }
    return counts
  }
}
