import Diagnostics
import IR
import Tensors

/// The matrix of a transform whose lengths are open, from a table of one turn, computed in f64 and rounded once:
///
///     %turn = [[cos, s * sin], [-s * sin, cos]](2 pi j / length)       // [length, parts, kept], s: -1 or 1 for the inverse
///     %m = Transpose(Gather(%turn, n * k mod length))                  // [size, parts, count, kept]
extension DFT {
  private var restores: Bool { inverse && oneSided }

  /// What the transform along an axis comes down to, whatever is open.
  func computedProduct(
    along axis: Int, _ element: ElementType, _ graph: inout Composer
  ) throws(Diagnostic) -> Product {
    let input = try graph.input(0)
    let rank = try graph.shape(input).count
    let kept = restores ? 1 : 2
    let length = try length(of: input, along: axis, &graph)
    let half = try graph.add(Add(), graph.add(Div(), length, graph.number(2)), graph.number(1))
    var signal = input
    if graph.context.hasInput(1) {
      // What lies behind the transform's length is cut off; what is missing is zero and needs no rows.
      signal = try graph.add(
        Slice(), input, graph.integers([0]), graph.vector(of: restores ? half : length),
        graph.integers([axis]))
    }
    let size = try graph.size(of: signal, axis: axis)
    let count = oneSided && !inverse ? half : length
    let places = try graph.counting(to: size)
    let index = try graph.add(
      Mod(),
      graph.add(
        Mul(), graph.add(Unsqueeze(), places, graph.integers([1])), graph.counting(to: count)),
      graph.add(Max(), length, graph.number(1)))
    let parts = try graph.vector(of: graph.size(of: input, axis: rank - 1))
    let turn = try graph.add(
      Cast(to: element), turn(length, parts: parts, kept: kept, &graph))
    var matrix = try graph.add(
      Transpose(permutation: [0, 2, 1, 3]), graph.add(Gather(axis: 0), turn, index))
    if restores {
      matrix = try graph.add(Mul(), matrix, weights(of: places, length, element, &graph))
    }
    let width = try graph.add(Mul(), graph.vector(of: size), parts)
    let columns = try graph.add(Mul(), graph.vector(of: count), graph.integers([kept]))
    matrix = try graph.add(
      Reshape(), matrix, graph.add(Concat(axis: 0), width, columns))
    let copied = Array(repeating: 0, count: rank - 2)
    return Product(
      signal: signal, matrix: matrix,
      rows: try graph.add(Concat(axis: 0), graph.integers(copied), width),
      whole: try graph.add(
        Concat(axis: 0), graph.integers(copied), graph.vector(of: count), graph.integers([kept])))
  }

  /// The transform's length, an `i64` scalar.
  private func length(
    of input: ValueID, along axis: Int, _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    if let given = graph.optional(1) {
      return try graph.add(
        Cast(to: .i64), graph.add(Reshape(), given, graph.integers([])))
    }
    let size = try graph.size(of: input, axis: axis)
    guard restores else { return size }
    return try graph.add(Mul(), graph.add(Sub(), size, graph.number(1)), graph.number(2))
  }

  /// What every step of a turn makes of the parts of a number, `f64[length, parts, kept]`.
  private func turn(
    _ length: ValueID, parts: ValueID, kept: Int, _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    let steps = try graph.add(Cast(to: .f64), graph.counting(to: length))
    let whole = try graph.add(Cast(to: .f64), length)
    let angles = try graph.add(
      Mul(), steps, graph.add(Div(), graph.scalar(2 * .pi, .f64), whole))
    var cosine = try graph.add(Cos(), angles)
    var sine = try graph.add(Sin(), angles)
    if inverse {
      cosine = try graph.add(Div(), cosine, whole)
      sine = try graph.add(Div(), sine, whole)
    }
    let negative = try graph.add(Neg(), sine)
    let entries = inverse ? [cosine, sine, negative, cosine] : [cosine, negative, sine, cosine]
    let table = try graph.add(
      Reshape(), graph.stack(entries, axis: 1), graph.integers([0, 2, 2]))
    return try graph.add(
      Slice(), table, graph.integers([0, 0]),
      graph.add(Concat(axis: 0), parts, graph.integers([kept])), graph.integers([1, 2]))
  }

  /// How often each frequency of the first half counts, `[size, 1, 1, 1]`: all but the first and the middle one have a twin.
  private func weights(
    of places: ValueID, _ length: ValueID, _ element: ElementType, _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    let isFirst = try graph.add(Equal(), places, graph.number(0))
    let isMiddle = try graph.add(Equal(), graph.add(Mul(), places, graph.number(2)), length)
    let weights = try graph.add(
      Where(), graph.add(Or(), isFirst, isMiddle), graph.scalar(1, element),
      graph.scalar(2, element))
    return try graph.add(Unsqueeze(), weights, graph.integers([1, 2, 3]))
  }
}
