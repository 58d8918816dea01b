package import Diagnostics
package import IR
import Tensors

/// The kernel's products times the weights of all duels, and the votes as a second product. Labels that are strings, and
/// probabilities, which are found step by step, have no such form.
extension SVMClassifier: Composed {
  package func composition(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    var graph = Composer(context)
    let input = try graph.input(0)
    guard labels.strings == nil, slopes.isEmpty || !hasVectors,
      let columns = try graph.shape(input).last?.value, columns > 0
    else { return nil }
    let (x, element) = try graph.samples(input)
    let (weights, added) = weights
    guard rawCount > 0, hasVectors || weights[0].count == columns else { return nil }
    var terms = x
    if hasVectors {
      try machine.check(count: vectorCount, columns: columns)
      terms = try machine.products(x, count: vectorCount, element, &graph)
    }
    let raw = try graph.add(
      Gemm(transB: true), terms, matrix(weights, element, &graph),
      graph.constant(Tensor(doubles: added, shape: [added.count], type: element)))
    let names = graph.constant(labels.select(Array(0..<classes)))
    let label = try graph.add(Gather(), names, winner(raw, element, &graph))

    var scores = raw
    if isPair {
      let negated = try graph.add(Neg(), raw)
      scores = try graph.addAll(Concat(axis: 1), [negated, raw], outputCount: 1)[0]
    }
    let isPlain = rawCount == 1 && !isPair && transform != .probit
    guard let results = isPlain ? scores : try transform.compose(scores, &graph) else {
      return nil
    }
    let output = try graph.single(results)
    return graph.finish([label, output])
  }

  private func matrix(
    _ rows: [[Double]], _ element: ElementType, _ graph: inout Composer
  ) -> ValueID {
    graph.constant(
      Tensor(doubles: rows.flatMap { $0 }, shape: [rows.count, rows[0].count], type: element))
  }

  /// The number of each sample's class, `i64[N]`.
  private func winner(
    _ raw: ValueID, _ element: ElementType, _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    var weights = raw
    if hasVectors {
      let (gains, least) = votes
      let wins = try graph.add(
        Cast(to: element), graph.add(Greater(), raw, graph.scalar(0, element)))
      weights = try graph.add(
        Gemm(), wins, matrix(gains, element, &graph),
        graph.constant(Tensor(doubles: least, shape: [classes], type: element)))
    }
    return try graph.add(
      ArgMax(form: ArgReductionForm(axis: 1, keepsDimension: false)), weights)
  }
}
