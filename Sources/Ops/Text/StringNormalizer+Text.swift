package import Diagnostics
package import IR
import Tensors

/// Words are compared with all stop words at once; those that stay are gathered, and their scalars looked up in tables of the
/// other case.
extension StringNormalizer: TextComposed {
  package func textComposition(_ graph: inout Composer) throws(Diagnostic) -> [ValueID]? {
    var words = try graph.input(0)
    let rank = try graph.shape(words).count - 1
    if rank == 2 { words = try graph.add(Squeeze(), words, graph.integers([0])) }
    let length = try graph.room(words)
    let nothing = graph.constant(
      Tensor(Array(repeating: Scalars.none, count: length), shape: [1, length]))
    let kept = try keep(words, &graph)
    // Where no word stays, an empty one does.
    let keepsNone = try graph.add(
      Not(), graph.add(Unsqueeze(), graph.any(kept), graph.integers([0])))
    let marks = try graph.addAll(Concat(axis: 0), [kept, keepsNone], outputCount: 1)[0]
    let places = try graph.add(
      Reshape(), graph.add(NonZero(), marks), graph.integers([-1]))
    let all = try graph.addAll(Concat(axis: 0), [words, nothing], outputCount: 1)[0]
    var result = try graph.add(Gather(), all, places)
    switch caseChange {
    case "LOWER": result = try CaseTable.lower.map(result, &graph)
    case "UPPER": result = try CaseTable.upper.map(result, &graph)
    default: break
    }
    if rank == 2 { result = try graph.add(Unsqueeze(), result, graph.integers([0])) }
    return [result]
  }

  /// Whether each word is none of the stop words.
  private func keep(_ words: ValueID, _ graph: inout Composer) throws(Diagnostic) -> ValueID {
    let stops = (stopWords ?? []).map { isCaseSensitive ? $0 : $0.lowercased() }
    if stops.isEmpty {
      let first = try graph.add(
        Slice(), words, graph.integers([0]), graph.integers([1]), graph.integers([1]))
      let isScalar = try graph.add(
        GreaterOrEqual(), first, graph.constant(Tensor(scalar: Scalars.none)))
      return try graph.add(Reshape(), isScalar, graph.integers([-1]))
    }
    let compared = isCaseSensitive ? words : try CaseTable.lower.map(words, &graph)
    let list = graph.spelled(stops, shape: [stops.count])
    let isStop = try graph.equalText(
      graph.add(Unsqueeze(), compared, graph.integers([1])), list)
    return try graph.add(Not(), graph.any(isStop))
  }
}
