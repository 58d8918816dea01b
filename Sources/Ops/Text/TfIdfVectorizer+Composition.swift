package import Diagnostics
package import IR
import Tensors

/// Counting as comparisons of shifted sequences with the grams, for integers.
///
/// For each length of grams and each gap all grams are compared with all places at once; a product with a matrix of ones
/// brings what was counted to the grams' columns.
extension TfIdfVectorizer: Composed {
  private static let mostComparisons = 1 << 22

  package func composition(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    guard try context.element(0) != .string, let shape = try context.knownShape(0),
      let length = shape.last, let grams = integerGrams, !grams.isEmpty
    else { return nil }
    // Shorter sequences have fewer gaps.
    let gaps = length.value.map { min(largestGap + 1, $0 - 1) } ?? largestGap + 1
    var graph = Composer(context)
    var tokens = try graph.add(Cast(to: .i64), try graph.input(0))
    if shape.count == 1 { tokens = try graph.add(Unsqueeze(), tokens, graph.integers([0])) }
    var sum: ValueID?
    var comparisons = 0
    for step in 1...max(1, gaps) {
      for size in lengths where step == 1 || size > 1 {
        let own = grams.filter { $0.elements.count == size }
        let places = length - IndexExpr((size - 1) * step)
        guard !own.isEmpty, places.value ?? 1 > 0 else { continue }
        comparisons += own.count * size * (places.value ?? 1)
        if comparisons > Self.mostComparisons { return nil }
        let counted = try count(own, in: tokens, places: places.value, step: step, &graph)
        sum =
          try sum.map { sum throws(Diagnostic) in try graph.add(Add(), sum, counted) } ?? counted
      }
    }
    guard let sum else { return nil }
    var output = try weighted(sum, &graph)
    if shape.count == 1 { output = try graph.add(Squeeze(), output, graph.integers([0])) }
    return graph.finish([output])
  }

  /// Elements of sequences from `start` on, as many as a known number of places or as leave `rest` behind them.
  private func shifted(
    _ tokens: ValueID, by start: Int, places: Int?, rest: Int, _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    if let places {
      return try graph.add(
        Slice(), tokens, graph.integers([start]), graph.integers([start + places]),
        graph.integers([1]))
    }
    let count = try graph.add(
      Sub(), graph.size(of: tokens, axis: 1), graph.number(start + rest))
    return try graph.add(
      Gather(axis: 1), tokens,
      graph.add(Add(), graph.counting(to: count), graph.number(start)))
  }

  /// How often grams of one length occur with one gap, by column: `[N, columns]`.
  private func count(
    _ grams: [(elements: [Int64], column: Int)], in tokens: ValueID, places: Int?, step: Int,
    _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    var isFound: ValueID?
    let last = grams[0].elements.count - 1
    for number in 0...last {
      let shifted = try graph.add(
        Unsqueeze(),
        shifted(
          tokens, by: number * step, places: places, rest: (last - number) * step, &graph),
        graph.integers([2]))
      let wanted = graph.constant(
        Tensor(grams.map { $0.elements[number] }, shape: [grams.count]))
      let isEqual = try graph.add(Equal(), shifted, wanted)
      isFound =
        try isFound.map { found throws(Diagnostic) in
          try graph.add(And(), found, isEqual)
        } ?? isEqual
    }
    guard let isFound else { throw .internal("tfidf.gram", "a gram has no elements") }
    let counts = try graph.add(
      ReduceSum(form: ReductionForm(keepsDimensions: false)), graph.add(Cast(to: .f32), isFound),
      graph.integers([1]))
    var columns = Array(repeating: Float(0), count: grams.count * columnCount)
    for (row, gram) in grams.enumerated() { columns[row * columnCount + gram.column] = 1 }
    return try graph.add(
      MatMul(), counts, graph.constant(Tensor(columns, shape: [grams.count, columnCount])))
  }

  private func weighted(_ counts: ValueID, _ graph: inout Composer) throws(Diagnostic) -> ValueID {
    if mode == "TF" { return counts }
    let factors = (weights ?? Array(repeating: 1, count: columnCount)).prefix(columnCount)
    let weights = graph.constant(
      Tensor(doubles: Array(factors), shape: [columnCount], type: .f32))
    if mode == "TFIDF" { return try graph.add(Mul(), counts, weights) }
    let zero = graph.scalar(0, .f32)
    return try graph.add(Where(), graph.add(Greater(), counts, zero), weights, zero)
  }
}
