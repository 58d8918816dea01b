import Loops
import Tensors

/// The input as registers read it.
struct MatrixTilePlane {
  let view: View
  let geometry: MatrixTileGeometry
  let layout: Layout
  /// Pixels from one row to the next.
  let pitch: Int

  /// 16 pixels' bytes of one step.
  func load(
    _ register: Int, _ outer: [IndexExpr], _ pixel: IndexExpr, _ block: IndexExpr,
    _ taps: [IndexExpr], _ step: IndexExpr
  ) -> TileStatement {
    if layout.block == nil {
      return .load(
        register, view.buffer, [pixel, block * IndexExpr(geometry.block)],
        rowStride: view.shape[1])
    }
    let axes = geometry.axes
    let last = axes.count - 1
    let stride = axes[last].inputStride * geometry.block
    // Positions on the axes before the last two, and the row of the plane.
    var places = taps.indices.map { axis -> IndexExpr in
      let isInPlane = geometry.isFlat && axis == last - 1
      let position = isInPlane ? IndexExpr(0) : outer[axis + 1]
      return axes[axis].input(position, tap: taps[axis]) + layout.halo(axis + 2).before
    }
    let row = places.popLast() ?? 0
    let column =
      pixel * IndexExpr(axes[last].inputStride) + axes[last].tapBase + layout.halo(last + 2).before
    let byte =
      (row * IndexExpr(pitch) + column) * IndexExpr(geometry.block)
      + step * IndexExpr(geometry.stepByteCount)
    return .load(
      register, view.buffer, [outer[0], block] + places + [byte], rowStride: IndexExpr(stride))
  }
}

/// Weights and constants of the filters that are computed together.
struct MatrixTilePanel {
  let weights: View
  let bias: View?
  let factors: View?
  let firstBlock: Int
  /// Blocks of filters.
  let width: Int

  func load(_ register: Int, _ number: IndexExpr, _ row: IndexExpr, _ block: Int) -> TileStatement {
    .load(
      register, weights.buffer, [number, row, IndexExpr(block), 0],
      rowStride: IndexExpr(TileStatement.rowByteCount))
  }
}
