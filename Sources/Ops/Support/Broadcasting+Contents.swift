import Diagnostics
import IR
import Tensors

extension Broadcasting {
  /// The integers that an elementwise operator's output holds, when those of all inputs are known.
  ///
  /// - Parameter combine: one element of each operand, in order; nil where the result is not an index expression.
  static func contents(
    _ context: InferenceContext, _ combine: ([IndexExpr]) -> IndexExpr?
  ) -> [IndexExpr]? {
    var operands: [[IndexExpr]] = []
    var shapes: [[Int]] = []
    for index in 0..<context.inputCount {
      guard let elements = context.contents(index), let type = try? context.tensorType(index),
        type.element == .i64 || type.element == .i32 || type.element == .bool,
        let shape = type.staticShape, shape.checkedElementCount == elements.count
      else { return nil }
      operands.append(elements)
      shapes.append(shape)
    }
    guard var target = shapes.first else { return nil }
    for shape in shapes.dropFirst() {
      guard let both = try? self.shape(target, shape) else { return nil }
      target = both
    }
    guard let count = target.checkedElementCount, count <= 4096 else { return nil }
    var rows = BroadcastCursor(shapes, target: target)
    var result: [IndexExpr] = []
    while rows.next() {
      for column in 0..<rows.rowLength {
        let elements = operands.indices.map {
          operands[$0][rows.offsets[$0] + column * rows.steps[$0]]
        }
        guard let element = combine(elements), fits(element, context) else { return nil }
        result.append(element)
      }
    }
    return result
  }

  /// Whether a number lies in the range of the last operand's type; dimensions are taken to.
  private static func fits(_ element: IndexExpr, _ context: InferenceContext) -> Bool {
    guard let number = element.value, (try? context.element(context.inputCount - 1)) == .i32
    else { return true }
    return Int32(exactly: number) != nil
  }
}
