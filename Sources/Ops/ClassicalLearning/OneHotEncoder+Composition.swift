package import Diagnostics
package import IR
import Tensors

/// Every element is compared with all categories.
///
///     %isCategory = Equal(Unsqueeze(%x), %categories) : bool[..., categories]
///     %y = Cast(%isCategory)
///
/// Where what is no category is an error, the model refuses to run.
extension OneHotEncoder: Composed, TextComposed {
  package func composition(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    guard try context.element(0) != .string, let integers,
      Set(integers).count == integers.count
    else { return nil }
    var graph = Composer(context)
    let whole = try graph.add(Cast(to: .i64), try graph.input(0))
    let one = try graph.add(Unsqueeze(), whole, graph.integers([-1]))
    let isCategory = try graph.add(Equal(), one, graph.integers(integers))
    let output = try marks(isCategory, &graph)
    return graph.finish([output])
  }

  package func textComposition(_ graph: inout Composer) throws(Diagnostic) -> [ValueID]? {
    guard let strings, Set(strings.map(ScalarText.init)).count == strings.count else { return nil }
    let one = try graph.add(Unsqueeze(), try graph.input(0), graph.integers([-2]))
    let isCategory = try graph.equalText(one, graph.spelled(strings, shape: [strings.count]))
    return [try marks(isCategory, &graph)]
  }

  private func marks(
    _ isCategory: ValueID, _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    let marks = try graph.add(Cast(to: .f32), isCategory)
    if allowsOthers { return marks }
    let form = ReductionForm(keepsDimensions: false)
    let ofElements = try graph.add(ReduceMax(form: form), marks, graph.integers([-1]))
    let least = try graph.add(ReduceMin(form: form), ofElements)
    return try graph.demand(graph.add(Cast(to: .bool), least), of: marks)
  }
}
