import Diagnostics
import Tensors

/// Matrix registers.
extension KernelVerifier {
  mutating func check(_ tile: TileStatement) {
    if let target, !target.hasMatrixTiles {
      report("loops.tile", "'\(tile)' needs matrix tiles, which \(target) lacks")
    }
    if scope.laneCount > 1 { report("loops.nesting", "'\(tile)' is inside a vector loop") }
    for register in tile.registers where !(0..<TileStatement.registerCount).contains(register) {
      report(
        "loops.register-index",
        "'\(tile)' names register \(register) of \(TileStatement.registerCount)")
    }
    if Set(tile.registers).count < tile.registers.count {
      report("loops.register-index", "'\(tile)' takes one register twice")
    }
    if let access = tile.access { check(access) }
  }

  private mutating func check(_ access: TileStatement.Access) {
    let buffer = access.buffer
    if access.isStore {
      expect(buffer.element, .i32, "an element of '\(buffer.name)'")
      requireWritable(buffer)
    } else if ![.u8, .i8, .i32].contains(buffer.element) {
      report(
        "loops.type",
        "an element of '\(buffer.name)' has type \(buffer.element), expected u8, i8 or i32")
    }
    check(access.rowStride, "the row stride of a tile")
    // Whole rows are checked below.
    self.access(buffer, access.position, isGuarded: true)
    guard access.position.count == buffer.shape.count else { return }
    for row in [0, TileStatement.rowCount - 1] {
      checkBounds(
        buffer, access.linear(row: row), count: access.rowElementCount,
        "row \(row) of the tile at '\(buffer.name)'\(access.position.positionText)")
    }
  }
}
