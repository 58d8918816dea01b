import Loops
import Tensors

/// An axis-parallel box in a kernel.
struct Box {
  let left: Expr
  let right: Expr
  let top: Expr
  let bottom: Expr

  var area: Expr { right.minus(left).times(bottom.minus(top)) }

  /// Whether intersection over union exceeds a threshold; boxes without area overlap nothing.
  func overlaps(_ other: Box, moreThan threshold: Expr) -> Expr {
    let width = Expr.binary(.min, right, other.right).minus(.binary(.max, left, other.left))
    let height = Expr.binary(.min, bottom, other.bottom).minus(.binary(.max, top, other.top))
    let shared = width.times(height)
    let union = area.plus(other.area).minus(shared)
    var result = Expr.compare(.greater, shared.divided(by: union), threshold)
    for extent in [width, height, area, other.area] {
      result = .binary(.and, result, extent.isGreater(than: 0))
    }
    return result
  }
}

/// Boxes in memory, `[image, box, 4]`.
struct Boxes {
  let corners: Placed
  /// Whether the four numbers are `x, y` of the centre, width and height; else `y, x, y, x` of opposite corners.
  let isCentered: Bool

  func load(
    _ builder: KernelBuilder, _ image: IndexExpr, _ index: IndexExpr
  ) -> (statements: [Statement], box: Box) {
    let parts = (0..<4).map { builder.view(corners).load([image, index, IndexExpr($0)]) }
    let sides: [Expr]
    if isCentered {
      let (width, height) = (parts[2].times(0.5), parts[3].times(0.5))
      sides = [
        parts[0].minus(width), parts[0].plus(width), parts[1].minus(height), parts[1].plus(height),
      ]
    } else {
      sides = [
        .binary(.min, parts[1], parts[3]), .binary(.max, parts[1], parts[3]),
        .binary(.min, parts[0], parts[2]), .binary(.max, parts[0], parts[2]),
      ]
    }
    let names = ["left", "right", "top", "bottom"].map { builder.local($0, .f32) }
    let box = Box(
      left: .local(names[0]), right: .local(names[1]), top: .local(names[2]),
      bottom: .local(names[3]))
    return (zip(names, sides).map { .let($0, $1) }, box)
  }
}
