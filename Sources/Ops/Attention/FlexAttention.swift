package import Diagnostics
package import IR
package import Tensors

/// Scaled dot-product attention with graphs that change scores and probabilities:
/// `prob_mod(softmax(score_mod(Q * K^T * scale))) * V`.
///
/// - Inputs: `Q` `[N, Hq, L, E]`, `K` `[N, H, S, E]`, `V` `[N, H, S, Ev]`, where groups of `Hq / H` query heads share keys and values;
///   what the graphs capture. Output: `Y` `[N, Hq, L, Ev]`.
/// - Attributes: `score_mod`, `prob_mod`: optional graphs of `[N, Hq, L, S]` to the same shape; `scale`, `1 / sqrt(E)` by default;
///   `softmax_precision`, the type of scores and probabilities: f32, and f64 for such inputs, by default; `captures`.
/// - Errors: `shape.rank`, `shape.heads`, `region.inputs`, `region.outputs`, `region.input-type`.
/// - Source: ONNX FlexAttention-1 of the domain ai.onnx.preview; Dong et al. 2024, arXiv:2412.05496.
package struct FlexAttention: FunctionOp, RegionOp {
  package static let schema = OpSchema(
    "FlexAttention", domain: "ai.onnx.preview", versions: [1],
    inputs: [
      .required("Q", "T1"), .required("K", "T1"), .required("V", "T1"),
      .variadic("captured", "", minimum: 0),
    ],
    outputs: [.required("Y", "T1")], types: ["T1": .floats])

  package let scoreGraph: Graph?
  package let probabilityGraph: Graph?
  package let scale: Double?
  package let precision: ElementType?
  package let captureCount: Int

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    scoreGraph = try attributes.graph("score_mod")
    probabilityGraph = try attributes.graph("prob_mod")
    scale = try attributes.optionalFloat("scale")
    precision = try attributes.elementType("softmax_precision")
    captureCount = try attributes.int(Self.captureAttribute, default: 0)
  }

  package var attributes: Attributes {
    Attributes {
      if let scoreGraph { $0["score_mod"] = .graph(scoreGraph) }
      if let probabilityGraph { $0["prob_mod"] = .graph(probabilityGraph) }
      $0.float("scale", scale)
      $0.int("softmax_precision", precision.map { Int($0.rawValue) })
      $0.int(Self.captureAttribute, captureCount, default: 0)
    }
  }

  package var isDeterministic: Bool {
    [scoreGraph, probabilityGraph].allSatisfy { $0?.isDeterministic ?? true }
  }

  /// The type of scores and probabilities.
  private static func precision(_ given: ElementType?, _ element: ElementType) -> ElementType {
    given ?? (element == .f64 ? .f64 : .f32)
  }

  package static func argumentTypes(of name: String, node: ImportedNode, types: [ValueType?])
    -> [ValueType?]
  {
    guard types.count >= 2, let query = types[0]?.tensor, let q = query.shape,
      let k = types[1]?.tensor?.shape, q.count == 4, k.count == 4
    else { return [] }
    var given: ElementType?
    if case .int(let number)? = node.attributes["softmax_precision"] {
      given = ElementType(rawValue: Int32(clamping: number))
    }
    return [.tensor(precision(given, query.element), [q[0], q[1], q[2], k[2]])]
  }

  package func compose(_ graph: inout Composer) throws(Diagnostic) -> [ValueID] {
    let query = try graph.input(0)
    let (q, k) = (try graph.shape(query), try graph.shape(try graph.input(1)))
    let v = try graph.shape(try graph.input(2))
    guard q.count == 4, k.count == 4, v.count == 4 else {
      throw Diagnostic("shape.rank", "operands have shapes \(q), \(k), \(v), expected rank 4")
    }
    if let queryHeads = q[1].value, let heads = k[1].value {
      guard heads >= 1, queryHeads % heads == 0, v[1].value.map({ $0 == heads }) ?? true else {
        throw Diagnostic(
          "shape.heads", "\(queryHeads) query heads, \(heads) of keys and \(v[1]) of values")
      }
    }
    let element = try graph.context.element(0)
    let precision = Self.precision(precision, element)
    let factor = try factor(q[3], element, &graph)
    let grouped = try rows(of: k[1], in: try graph.input(1), &graph)
    let whole = try rows(of: q[1], in: query, &graph)
    let keys = try graph.add(
      Transpose(permutation: [0, 1, 3, 2]), graph.add(Mul(), try graph.input(1), factor))
    let queries = try graph.add(Reshape(), graph.add(Mul(), query, factor), grouped)
    var scores = try graph.add(Reshape(), graph.add(MatMul(), queries, keys), whole)
    scores = try graph.add(Cast(to: precision), scores)
    scores = try change(scores, scoreGraph, "score_mod", &graph)
    var weights = try graph.add(Softmax(axis: -1), scores)
    weights = try change(weights, probabilityGraph, "prob_mod", &graph)
    let values = try graph.add(Cast(to: precision), try graph.input(2))
    let product = try graph.add(MatMul(), graph.add(Reshape(), weights, grouped), values)
    return [try graph.add(Cast(to: element), graph.add(Reshape(), product, whole))]
  }

  /// The root of the scale, which both queries and keys are multiplied by.
  private func factor(
    _ size: IndexExpr, _ element: ElementType, _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    if let scale = scale ?? size.value.map({ 1 / Double($0).squareRoot() }) {
      return graph.scalar(scale.squareRoot(), element)
    }
    let known = try graph.add(Cast(to: .f64), graph.size(of: try graph.input(0), axis: 3))
    let root = try graph.add(Sqrt(), graph.add(Sqrt(), known))
    return try graph.add(Cast(to: element), graph.add(Reciprocal(), root))
  }

  /// The shape `[N, heads, whatever is left, size]`, for the number of heads that an operand has.
  private func rows(
    of heads: IndexExpr, in operand: ValueID, _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    if let number = heads.value { return graph.integers([0, number, -1, 0]) }
    let count = try graph.vector(of: graph.size(of: operand, axis: 1))
    return try graph.add(Concat(axis: 0), graph.integers([0]), count, graph.integers([-1, 0]))
  }

  /// What one of the graphs makes of scores or probabilities.
  private func change(
    _ value: ValueID, _ region: Graph?, _ name: String, _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    guard let region else { return value }
    try check(region, name, own: [graph.type(value).map { .tensor($0) }], graph.context)
    try check(region, name, outputs: 1)
    return try graph.inline(region, [value] + graph.suffix(captureCount))[0]
  }
}
