import Diagnostics
import Tensors

/// Matrix registers, byte by byte.
extension LoopInterpreter {
  static let emptyTiles = [[UInt8]?](repeating: nil, count: TileStatement.registerCount)

  mutating func run(_ tile: TileStatement) throws(Diagnostic) {
    guard scope.lanes == nil else {
      throw broken("loops.nested-tiles", "'\(tile)' is inside a vector loop")
    }
    guard tile.registers.allSatisfy(tiles.indices.contains) else {
      throw broken("loops.out-of-bounds", "'\(tile)' names a register beyond \(tiles.count)")
    }
    switch tile {
    case .zero(let register):
      tiles[register] = Array(repeating: 0, count: TileStatement.byteCount)
    case .load(let register, _, _, _):
      var bytes: [UInt8] = []
      for row in try rows(of: tile) {
        switch row.buffer.base {
        case .parameter(let number): bytes += parameters[number][row.range]
        case .scratch: bytes += scratch[row.range]
        }
      }
      tiles[register] = bytes
    case .dot(let sum, let a, let b):
      tiles[sum] = Self.dot(try held(sum), try held(a), try held(b))
    case .store(let register, _, _, _):
      let bytes = try held(register)
      for (number, row) in try rows(of: tile).enumerated() {
        let start = number * TileStatement.rowByteCount
        let part = bytes[start..<start + TileStatement.rowByteCount]
        switch row.buffer.base {
        case .parameter(let number):
          guard kernel.parameters[number].isWritten else {
            throw broken(
              "loops.write-to-input", "'\(row.buffer.name)' is written but declared read-only")
          }
          parameters[number].replaceSubrange(row.range, with: part)
        case .scratch: scratch.replaceSubrange(row.range, with: part)
        }
      }
    }
  }

  /// The memory of each row of a load or store, all of which must lie inside the buffer's.
  private func rows(
    of tile: TileStatement
  ) throws(Diagnostic) -> [(buffer: Buffer, range: Range<Int>)] {
    guard let access = tile.access else { return [] }
    var rows: [(buffer: Buffer, range: Range<Int>)] = []
    for row in 0..<TileStatement.rowCount {
      let linear = try index(access.linear(row: row), lane: 0)
      let range = try range(
        of: access.buffer, linear, byteCount: TileStatement.rowByteCount
      ) { " row \(row) of a tile is at element \(linear)" }
      rows.append((access.buffer, range))
    }
    return rows
  }

  private func held(_ register: Int) throws(Diagnostic) -> [UInt8] {
    guard let bytes = tiles[register] else {
      throw broken("loops.undefined-registers", "nothing has been put into tile \(register)")
    }
    return bytes
  }

  private static func dot(_ sum: [UInt8], _ a: [UInt8], _ b: [UInt8]) -> [UInt8] {
    let width = TileStatement.rowByteCount
    var result = sum
    for m in 0..<TileStatement.rowCount {
      for n in 0..<TileStatement.rowCount {
        let at = m * width + 4 * n
        var value: Int32 = 0
        for byte in 0..<4 { value |= Int32(sum[at + byte]) << Int32(8 * byte) }
        for k in 0..<width {
          let weight = Int8(bitPattern: b[k / 4 * width + 4 * n + k % 4])
          value &+= Int32(a[m * width + k]) * Int32(weight)
        }
        for byte in 0..<4 {
          result[at + byte] = UInt8(truncatingIfNeeded: value >> Int32(8 * byte))
        }
      }
    }
    return result
  }
}
