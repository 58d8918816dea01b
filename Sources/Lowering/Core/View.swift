package import Loops
package import Tensors

/// A tensor in one program memory: logical shape, element type and layout.
package struct Placed: Hashable, Sendable {
  /// A number in the program's memories.
  package let memory: Int
  package let element: ElementType
  package let shape: [IndexExpr]
  package let layout: Layout

  package init(memory: Int, element: ElementType, shape: [IndexExpr], layout: Layout) {
    self.memory = memory
    self.element = element
    self.shape = shape
    self.layout = layout
  }

  /// The same row-major elements under another shape.
  package func reshaped(to shape: [IndexExpr]) -> Placed {
    Placed(memory: memory, element: element, shape: shape, layout: layout)
  }
}

/// A placed tensor as one kernel sees it: loads and stores at logical positions.
package struct View: Sendable {
  package let placed: Placed
  package let buffer: Buffer

  package var shape: [IndexExpr] { placed.shape }
  package var element: ElementType { placed.element }
  package var layout: Layout { placed.layout }

  package func load(_ position: [IndexExpr]) -> Expr {
    .load(buffer, layout.storedPosition(position))
  }

  package func load(_ position: [IndexExpr], when condition: Expr, otherwise: Expr) -> Expr {
    .loadIf(condition, buffer, layout.storedPosition(position), otherwise: otherwise)
  }

  package func store(_ value: Expr, at position: [IndexExpr]) -> Statement {
    .store(buffer, layout.storedPosition(position), value)
  }

  /// Loads the element that position `position` of a tensor of rank `position.count` broadcasts from.
  package func loadBroadcast(_ position: [IndexExpr]) -> Expr {
    load(broadcastPosition(position, to: shape))
  }
}

/// The position inside an operand of `shape` that `position` of the broadcast result reads.
///
/// Where an extent is symbolic the operand is taken to have the result's extent unless it is known to be 1.
package func broadcastPosition(_ position: [IndexExpr], to shape: [IndexExpr]) -> [IndexExpr] {
  let missing = position.count - shape.count
  return shape.indices.map { shape[$0] == 1 ? 0 : position[$0 + missing] }
}
