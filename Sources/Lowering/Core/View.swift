package import Loops
package import Tensors

/// A tensor in one program memory: logical shape, element type and layout.
package struct Placed: Hashable, Sendable {
  /// A number in the program's memories.
  package let memory: Int
  package let element: ElementType
  package let shape: [IndexExpr]
  package let layout: Layout
  /// What elements are in memory where loads convert them; nil for `element`.
  private(set) var stored: ElementType?

  package init(memory: Int, element: ElementType, shape: [IndexExpr], layout: Layout) {
    self.memory = memory
    self.element = element
    self.shape = shape
    self.layout = layout
  }

  /// The same row-major elements under another shape.
  package func reshaped(to shape: [IndexExpr]) -> Placed {
    var result = Placed(memory: memory, element: element, shape: shape, layout: layout)
    result.stored = stored
    return result
  }

  /// The same memory, whose elements loads convert.
  func read(as type: ElementType) -> Placed {
    if type == element { return self }
    var result = Placed(memory: memory, element: type, shape: shape, layout: layout)
    result.stored = stored ?? element
    return result
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
    Expr.load(buffer, layout.storedPosition(position)).converted(to: element)
  }

  package func load(_ position: [IndexExpr], when condition: Expr, otherwise: Expr) -> Expr {
    let place = layout.storedPosition(position)
    if buffer.element == otherwise.type {
      return .loadIf(condition, buffer, place, otherwise: otherwise)
    }
    let value = Expr.loadIf(condition, buffer, place, otherwise: .zero(buffer.element))
    return .select(condition, value.converted(to: otherwise.type), otherwise)
  }

  package func store(_ value: Expr, at position: [IndexExpr]) -> Statement {
    .store(buffer, layout.storedPosition(position), value)
  }

  /// Loads the element that `position` of a tensor of shape `result` broadcasts from.
  package func loadBroadcast(_ position: [IndexExpr], of result: [IndexExpr]) -> Expr {
    load(broadcastPosition(position, to: shape, of: result))
  }
}

/// The position inside an operand of `shape` that `position` of the broadcast `result` reads.
///
/// An extent that is not known to be the result's may be 1 when the program runs: it is asked then. Without `result`
/// every extent that is not known to be 1 is the result's.
package func broadcastPosition(
  _ position: [IndexExpr], to shape: [IndexExpr], of result: [IndexExpr]? = nil
) -> [IndexExpr] {
  let missing = position.count - shape.count
  return shape.indices.map { axis in
    let extent = shape[axis]
    if extent == 1 { return 0 }
    let place = position[axis + missing]
    guard let result, mayRepeat(extent, along: result[axis + missing]) else { return place }
    return .min(place, extent - 1)
  }
}

/// Whether an operand's extent, not 1 as far as is known, may be 1 nevertheless where the result has more.
package func mayRepeat(_ extent: IndexExpr, along result: IndexExpr) -> Bool {
  !extent.isConstant && extent != result
}
