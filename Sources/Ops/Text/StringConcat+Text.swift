package import Diagnostics
package import IR
import Tensors

/// Each scalar of the result comes from the first string, or, behind that one's end, from the second.
extension StringConcat: TextComposed {
  package func textComposition(_ graph: inout Composer) throws(Diagnostic) -> [ValueID]? {
    let (x, y) = (try graph.input(0), try graph.input(1))
    let (own, other) = (try graph.room(x), try graph.room(y))
    let last = graph.integers([-1])
    // Zeros of the shape that both broadcast to.
    let zeros = try graph.add(
      Mul(), graph.add(Add(), first(of: x, &graph), first(of: y, &graph)),
      graph.constant(Tensor(scalar: Int32(0))))
    let left = try graph.add(Add(), x, zeros)
    let right = try graph.add(Add(), y, zeros)
    let end = try graph.add(Add(), zeros, graph.constant(Tensor(scalar: Scalars.none)))
    let parts = try graph.addAll(Concat(axis: -1), [left, right, end], outputCount: 1)[0]
    let isScalar = try graph.add(
      GreaterOrEqual(), left, graph.constant(Tensor(scalar: Int32(0))))
    let length = try graph.add(ReduceSum(), graph.add(Cast(to: .i64), isScalar), last)
    let places = graph.constant(
      Tensor((0..<own + other).map { Int64($0) }, shape: [own + other]))
    let behind = try graph.add(
      Min(), graph.add(Add(), graph.add(Sub(), places, length), graph.scalar(Double(own), .i64)),
      graph.scalar(Double(own + other), .i64))
    let source = try graph.add(Where(), graph.add(Less(), places, length), places, behind)
    return [try graph.add(GatherElements(axis: -1), parts, source)]
  }

  /// The first scalar of each string, as an axis of one.
  private func first(of text: ValueID, _ graph: inout Composer) throws(Diagnostic) -> ValueID {
    try graph.add(
      Slice(), text, graph.integers([0]), graph.integers([1]), graph.integers([-1]))
  }
}
