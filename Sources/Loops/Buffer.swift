package import Tensors

/// A view of memory that a kernel reads or writes: an element type, an index space and strides.
///
/// A position `[i0, i1, ...]` is the element at `offset + i0 * strides[0] + i1 * strides[1] + ...` from the base
/// pointer. Views of one parameter share its pointer, so transposes, slices and concatenation cost nothing.
package struct Buffer: Hashable, Sendable {
  /// Where the base pointer comes from.
  package enum Base: Hashable, Sendable {
    /// The kernel's buffer parameter with this number.
    case parameter(Int)
    /// Memory private to one call on one thread, at this byte offset in the scratch area.
    case scratch(byteOffset: Int)
  }

  package let name: String
  package let base: Base
  package let element: ElementType
  package let shape: [IndexExpr]
  package let strides: [IndexExpr]
  /// In elements.
  package let offset: IndexExpr
  /// What the base pointer is a multiple of, in bytes.
  package let alignment: Int

  package init(
    name: String, base: Base, element: ElementType, shape: [IndexExpr], strides: [IndexExpr],
    offset: IndexExpr = 0, alignment: Int = 64
  ) {
    precondition(shape.count == strides.count)
    self.name = name
    self.base = base
    self.element = element
    self.shape = shape
    self.strides = strides
    self.offset = offset
    self.alignment = alignment
  }

  /// A row-major buffer.
  package init(
    name: String, base: Base, element: ElementType, shape: [IndexExpr], alignment: Int = 64
  ) {
    var strides = Array(repeating: IndexExpr(1), count: shape.count)
    for axis in stride(from: shape.count - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    self.init(
      name: name, base: base, element: element, shape: shape, strides: strides, offset: 0,
      alignment: alignment)
  }

  /// The distance in elements of a position from the base pointer.
  package func linear(_ position: [IndexExpr]) -> IndexExpr {
    var sum = offset
    for (index, stride) in zip(position, strides) { sum = sum + index * stride }
    return sum
  }
}
