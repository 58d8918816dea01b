import Diagnostics
import IR
import Tensors

extension Tensor {
  /// The slice at one position of an axis, without that axis.
  ///
  /// - Precondition: the position is inside the axis.
  func slice(at position: Int, axis: Int) -> Tensor {
    let part = range(position..<position + 1, axis: axis)
    var shape = shape
    shape.remove(at: axis)
    return part.reshaped(to: shape)
  }

  /// The positions of an axis that lie in a range.
  ///
  /// - Precondition: the range is inside the axis.
  func range(_ range: Range<Int>, axis: Int) -> Tensor {
    let split = AxisSplit(shape, axis: axis)
    var shape = shape
    shape[axis] = range.count
    let row = range.count * split.inner
    var mover = ElementMover(type: type, shape: shape)
    mover.move(
      from: self, at: range.lowerBound * split.inner, strides: [split.length * split.inner, 1],
      to: 0, strides: [row, 1], shape: [split.outer, row])
    return mover.finish()
  }

  /// Tensors of one type and shape side by side along a new axis.
  ///
  /// - Throws: `shape.mismatch` when shapes differ.
  static func stack(_ parts: [Tensor], axis: Int) throws(Diagnostic) -> Tensor {
    var widened: [Tensor] = []
    for part in parts {
      var shape = part.shape
      shape.insert(1, at: axis)
      widened.append(part.reshaped(to: shape))
    }
    return try joined(widened, axis: axis)
  }

  /// Tensors of one type one behind the other along an axis.
  ///
  /// - Precondition: there is at least one.
  /// - Throws: `shape.mismatch`, `shape.rank-mismatch`, `type.variable`.
  static func joined(_ parts: [Tensor], axis: Int) throws(Diagnostic) -> Tensor {
    for part in parts where part.type != parts[0].type {
      throw Diagnostic(
        "type.variable", "a tensor is \(part.type), expected \(parts[0].type) as the first one")
    }
    return try Concat(axis: axis).evaluate(Operands(parts))[0]
  }
}
