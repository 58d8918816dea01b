package import Diagnostics
package import IR
package import Tensors

/// The class that wins most of the duels between every two classes, and what the duels or Platt's sigmoids of them say.
/// Without support vectors it is the class of the highest score.
///
/// - Input: `X` of a numeric type, `[N, C]` or `[C]`. Outputs: `Y`, the labels, `i64` or strings `[N]`; `Z`, `f32[N, scores]`:
///   a probability of each class with `prob_a` and `prob_b`, otherwise the score of each duel, of two classes negated and plain.
/// - Attributes: `vectors_per_class` support vectors of `C` columns (none: coefficients weight the columns, one row per class);
///   `coefficients` (classes - 1 rows), `rho` (one per duel), `support_vectors`, `kernel_type`, `kernel_params`, `prob_a`,
///   `prob_b`, `classlabels_ints` or `classlabels_strings`, `post_transform`.
/// - Errors: `attribute.missing`, `attribute.length`, `shape.rank-mismatch`.
/// - Source: ai.onnx.ml SVMClassifier-1; labels as onnxruntime gives them, since the standard's reference names the second of
///   two classes wherever no coefficient is negative.
package struct SVMClassifier: TensorOp {
  package static let schema = OpSchema(
    "SVMClassifier", domain: "ai.onnx.ml", versions: [1], inputs: [.required("X", "T1")],
    outputs: [.required("Y", "T2"), .required("Z", "F")],
    types: ["T1": .numeric, "T2": [.i64, .string], "F": [.f32]])

  let machine: SupportVectors
  let labels: ClassLabels
  let transform: ScoreTransform
  let slopes: [Double]
  private let offsets: [Double]
  private let vectorsPerClass: [Int]

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    machine = try SupportVectors(&attributes)
    labels = try ClassLabels(&attributes, integers: "classlabels_ints")
    slopes = try attributes.floats("prob_a") ?? []
    offsets = try attributes.floats("prob_b") ?? []
    vectorsPerClass = try attributes.ints("vectors_per_class") ?? []
    let name = try attributes.string(
      "post_transform", default: "NONE", oneOf: ScoreTransform.names)
    transform = ScoreTransform(rawValue: name) ?? .none
    try check()
  }

  package var attributes: Attributes {
    Attributes {
      machine.store(&$0)
      labels.store(&$0)
      $0.floats("prob_a", slopes.isEmpty ? nil : slopes)
      $0.floats("prob_b", offsets.isEmpty ? nil : offsets)
      $0.ints("vectors_per_class", vectorsPerClass.isEmpty ? nil : vectorsPerClass)
      $0.string("post_transform", transform.rawValue, default: "NONE")
    }
  }

  var classes: Int { max(labels.count, 1) }
  var vectorCount: Int { vectorsPerClass.reduce(0) { $0 + max(0, $1) } }
  var hasVectors: Bool { vectorCount > 0 }
  private var hasProbabilities: Bool { hasVectors && !slopes.isEmpty }
  private var duels: [(first: Int, second: Int)] {
    (0..<classes).flatMap { i in (i + 1..<max(classes, i + 1)).map { (i, $0) } }
  }
  /// Raw scores of a sample: of duels, or of classes.
  var rawCount: Int { hasVectors ? duels.count : classes }

  private func check() throws(Diagnostic) {
    let expected: [(String, Int, Int)] =
      hasVectors
      ? [
        ("vectors_per_class", vectorsPerClass.count, classes),
        ("coefficients", machine.coefficients.count, (classes - 1) * vectorCount),
        ("rho", machine.rho.count, duels.count),
        ("prob_a", slopes.count, slopes.isEmpty ? 0 : duels.count),
        ("prob_b", offsets.count, slopes.count),
      ] : []
    for (name, count, needed) in expected where count != needed {
      throw Diagnostic("attribute.length", "'\(name)' has \(count) values, expected \(needed)")
    }
    guard hasVectors || machine.coefficients.count % classes == 0,
      vectorsPerClass.allSatisfy({ $0 >= 0 })
    else {
      throw Diagnostic(
        "attribute.length",
        "'coefficients' has \(machine.coefficients.count) values, expected a row for each of \(classes) classes"
      )
    }
  }

  /// The weights of a sample's terms in every raw score, row by row, and what is added.
  ///
  /// A duel of `i` and `j` weights the vectors of `i` by row `j - 1` of the coefficients and those of `j` by row `i`.
  var weights: (rows: [[Double]], added: [Double]) {
    guard hasVectors else {
      let width = machine.coefficients.count / classes
      let rows = (0..<classes).map { row in
        Array(machine.coefficients[row * width..<(row + 1) * width])
      }
      return (rows, rows.map { _ in machine.rho[0] })
    }
    var starts = [0]
    for count in vectorsPerClass { starts.append(starts[starts.count - 1] + count) }
    let rows = duels.map { i, j in
      var row = Array(repeating: 0.0, count: vectorCount)
      for place in starts[i]..<starts[i + 1] {
        row[place] = machine.coefficients[(j - 1) * vectorCount + place]
      }
      for place in starts[j]..<starts[j + 1] {
        row[place] = machine.coefficients[i * vectorCount + place]
      }
      return row
    }
    return (rows, machine.rho)
  }

  /// The classes' votes of each duel that its first class wins, less those that it loses; and the votes where all are lost.
  var votes: (gains: [[Double]], least: [Double]) {
    var least = Array(repeating: 0.0, count: classes)
    let gains = duels.map { i, j in
      least[j] += 1
      return (0..<classes).map { $0 == i ? 1.0 : $0 == j ? -1 : 0 }
    }
    return (gains, least)
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let rows = try context.knownShape(0).map { shape throws(Diagnostic) in
      try Columns.rows(shape)
    }
    let samples = rows ?? context.freshDimension(axis: 0)
    let columns = hasProbabilities ? classes : isPair ? 2 : rawCount
    return [.tensor(labels.type, [samples]), .tensor(.f32, [samples, IndexExpr(columns)])]
  }

  /// Whether one raw score speaks for the second of two classes, and negated for the first.
  var isPair: Bool {
    rawCount == 1 && !hasProbabilities && labels.count == 2 && transform != .probit
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let (rows, columns) = try Columns.table(inputs[0].shape)
    let (weights, added) = weights
    if hasVectors {
      try machine.check(count: vectorCount, columns: columns)
    } else if weights[0].count != columns {
      throw Diagnostic(
        "attribute.length", "'coefficients' has \(weights[0].count) columns, expected \(columns)")
    }
    let x = inputs[0].doubles
    var numbers: [Int] = []
    var results: [Double] = []
    for row in 0..<rows {
      let sample = x[row * columns..<(row + 1) * columns]
      let terms = hasVectors ? machine.products(sample) : Array(sample)
      let raw = zip(weights, added).map { weights, added in
        zip(weights, terms).reduce(added) { $0 + $1.0 * $1.1 }
      }
      numbers.append(winner(raw))
      results += scores(raw)
    }
    let width = rows == 0 ? 0 : results.count / rows
    return [
      labels.select(numbers), Tensor(doubles: results, shape: [rows, width], type: .f32),
    ]
  }

  /// The number of the class that a sample belongs to.
  private func winner(_ raw: [Double]) -> Int {
    var weights = raw
    if hasVectors {
      let (gains, least) = votes
      weights = least
      for (gain, score) in zip(gains, raw) where score > 0 {
        for place in weights.indices { weights[place] += gain[place] }
      }
    }
    return weights.indices.max {
      weights[$0] < weights[$1] || weights[$0] == weights[$1] && $0 > $1
    } ?? 0
  }

  private func scores(_ raw: [Double]) -> [Double] {
    if hasProbabilities {
      return transform.apply(
        PairwiseCoupling.probabilities(classes, scores: raw, a: slopes, b: offsets))
    }
    if isPair { return transform.apply([-raw[0], raw[0]]) }
    return raw.count == 1 && transform != .probit ? raw : transform.apply(raw)
  }
}
