package import Diagnostics
package import IR
import Tensors

/// The transform as a product with a matrix, whose rows are the transforms of unit vectors: a constant where lengths are
/// known, else computed when the model runs.
///
///     %y = DFT(%x)                                 // %x : [..., size, ..., parts] along one axis
/// ->
///     %r = Reshape(Transpose(%x))                  // [..., size * parts]
///     %y = Transpose(Reshape(MatMul(%r, %m)))      // %m : [size * parts, count * kept]
extension DFT: Composed {
  /// Larger constant matrices take more memory than the transform is worth.
  private static let mostElements = 1 << 22

  package func composition(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    var graph = Composer(context)
    let shape = try graph.shape(try graph.input(0))
    let given = context.hasInput(2) ? context.integers(2)?.first : -2
    if given == nil { return try choice(context) }
    guard let given, shape.count >= 2 else { return nil }
    let axis = try Axes.one(given, rank: shape.count)
    guard axis < shape.count - 1 else { return nil }
    let element = try context.element(0)
    let isShort = element == .f16 || element == .bf16
    let product = try product(along: axis, isShort ? .f32 : element, &graph)
    // The axis and the parts become the last axis.
    let rank = shape.count
    let others = Array(0..<rank - 1).filter { $0 != axis }
    let order = others + [axis, rank - 1]
    let rows = try graph.add(
      Reshape(), graph.add(Transpose(permutation: order), product.signal), product.rows)
    let wide = isShort ? try graph.add(Cast(to: .f32), rows) : rows
    var result = try graph.add(MatMul(), wide, product.matrix)
    if isShort { result = try graph.add(Cast(to: element), result) }
    let whole = try graph.add(Reshape(), result, product.whole)
    let back = (0..<rank).map { place in order.firstIndex(of: place) ?? place }
    let output = try graph.add(Transpose(permutation: back), whole)
    return graph.finish([output])
  }

  /// The product that a transform comes down to.
  struct Product {
    /// The input, as far as the transform reads it.
    let signal: ValueID
    /// `[size * parts, count * kept]`.
    let matrix: ValueID
    /// The shapes of what is multiplied, `[..., size * parts]`, and of the result, `[..., count, kept]`.
    let rows: ValueID
    let whole: ValueID
  }

  private func product(
    along axis: Int, _ element: ElementType, _ graph: inout Composer
  ) throws(Diagnostic) -> Product {
    let context = graph.context
    let input = try graph.input(0)
    let shape = try graph.shape(input)
    let length = context.hasInput(1) ? context.integers(1)?.first : nil
    guard let size = shape[axis].value, let parts = shape[shape.count - 1].value,
      !context.hasInput(1) || length != nil,
      let (matrix, kept) = try matrix(
        size: size, parts: parts, length: length.map { Tensor(scalar: Int64($0)) })
    else { return try computedProduct(along: axis, element, &graph) }
    let copied = Array(repeating: 0, count: shape.count - 2)
    return Product(
      signal: input, matrix: graph.constant(matrix.converted(to: element)),
      rows: graph.integers(copied + [size * parts]),
      whole: graph.integers(copied + [matrix.shape[1] / kept, kept]))
  }

  /// A branch for each axis, where the axis is only known when the model runs.
  private func choice(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    var graph = Composer(context)
    let input = try graph.input(0)
    let rank = try graph.shape(input).count
    let axis = try graph.add(Reshape(), try graph.input(2), graph.integers([]))
    var output = input
    for place in 0..<rank - 1 {
      let isFront = try graph.add(
        Equal(), axis, graph.constant(Tensor(scalar: Int64(place))))
      let isBack = try graph.add(
        Equal(), axis, graph.constant(Tensor(scalar: Int64(place - rank))))
      var captured = [input, output]
      if let length = graph.optional(1) { captured.append(length) }
      let types = captured.map { graph.type($0).map { ValueType.tensor($0) } }
      let choice = If(
        thenBranch: try branch(along: place, types), elseBranch: try branch(along: nil, types),
        captureCount: captured.count)
      let isThis = try graph.add(Or(), isFront, isBack)
      output = try graph.addAll(choice, [isThis] + captured, outputCount: 1)[0]
    }
    return graph.finish([output])
  }

  /// A graph of the signal, what there is so far, and the length: the transform along an axis, or what there is.
  private func branch(along axis: Int?, _ types: [ValueType?]) throws(Diagnostic) -> Graph {
    var graph = Composer(
      InferenceContext(
        types: types, constants: [], contents: [], outputCount: 1, symbolPrefix: "dft"))
    guard let axis else {
      let kept = try graph.add(Identity(), try graph.input(1))
      return graph.finish([kept])
    }
    let place = graph.constant(Tensor(scalar: Int64(axis)))
    let transformed = try graph.add(self, try graph.input(0), graph.optional(2), place)
    return graph.finish([transformed])
  }

  /// What the transform makes of unit vectors, `[size * parts, count * kept]`; nil where that is too much.
  private func matrix(
    size: Int, parts: Int, length: Tensor?
  ) throws(Diagnostic) -> (Tensor, kept: Int)? {
    let rows = size * parts
    let longest = max(size * 2, length?.ints.first ?? 0)
    guard rows >= 1, [rows, longest * 2].checkedElementCount ?? .max <= Self.mostElements else {
      return nil
    }
    var values = Array(repeating: 0.0, count: rows * rows)
    for row in 0..<rows { values[row * rows + row] = 1 }
    let units = Tensor(values, shape: [rows, size, parts])
    let transformed = try evaluate(
      Operands([units, length, Tensor(scalar: Int64(1))]))[0]
    let kept = transformed.shape[2]
    return (transformed.reshaped(to: [rows, transformed.shape[1] * kept]), kept)
  }
}
