package import Diagnostics
package import IR
import Tensors

/// Every element is compared with all keys at once; the place of the last that is equal gathers its value.
///
///     %isKey = Equal(Unsqueeze(%x), %keys) : bool[..., keys]
///     %place = Where(%isKey has one, ArgMax(%isKey) {select_last_index = 1}, keys)
///     %y = Gather(%values, %place)                     // behind the values, the default
extension LabelEncoder: Composed, TextComposed {
  /// More keys take more memory for each element than a search is worth.
  private static let mostKeys = 1 << 16

  package func composition(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    let element = try context.element(0)
    guard element != .string, try tables(element).values.type != .string else { return nil }
    var graph = Composer(context)
    guard let output = try output(element, &graph) else { return nil }
    return graph.finish([output])
  }

  package func textComposition(_ graph: inout Composer) throws(Diagnostic) -> [ValueID]? {
    let given = try graph.context.element(0)
    // Strings arrive as their scalars, which are i32.
    let readsText = given == .i32 && hasTextKeys
    return try output(readsText ? .string : given, &graph).map { [$0] }
  }

  private func output(
    _ element: ElementType, _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID? {
    let (keys, values, fallback) = try tables(element)
    let count = keys.elementCount
    guard (1...Self.mostKeys).contains(count) else { return nil }
    let isKey = try matches(keys, &graph)
    let best = ArgMax(
      form: ArgReductionForm(axis: -1, keepsDimension: false, selectsLast: true))
    let last = try graph.add(best, graph.add(Cast(to: .i32), isKey))
    let place = try graph.add(
      Where(), graph.any(isKey), last, graph.scalar(Double(count), .i64))
    var all = ElementMover(type: values.type, shape: [count + 1])
    all.place(from: values, Array(0..<count))
    if let fallback { all.place(from: fallback, [count]) }
    let table = all.finish()
    let rows =
      table.type == .string
      ? graph.spelled(table.strings, shape: table.shape) : graph.constant(table)
    return try graph.add(Gather(), rows, place)
  }

  /// Which key each element is, `bool[..., keys]`.
  private func matches(_ keys: Tensor, _ graph: inout Composer) throws(Diagnostic) -> ValueID {
    let input = try graph.input(0)
    if keys.type == .string {
      let one = try graph.add(Unsqueeze(), input, graph.integers([-2]))
      return try graph.equalText(one, graph.spelled(keys.strings, shape: keys.shape))
    }
    let one = try graph.add(Unsqueeze(), input, graph.integers([-1]))
    let element = try graph.context.element(0)
    let numbers = keys.converted(to: element)
    let isEqual = try graph.add(Equal(), one, graph.constant(numbers))
    let areNaN = numbers.doubles.map(\.isNaN)
    guard element.isFloat, areNaN.contains(true) else { return isEqual }
    let isNaN = try graph.add(
      And(), graph.add(IsNaN(), one), graph.constant(Tensor(areNaN, shape: keys.shape)))
    return try graph.add(Or(), isEqual, isNaN)
  }
}
