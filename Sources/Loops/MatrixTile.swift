package import Tensors

/// Work on matrix registers: each holds 16 rows of 64 bytes, which are 16 by 16 sums of type `i32` or 16 rows of bytes.
///
/// Outside of `vector` loops only, and only for targets with `hasMatrixTiles`. What a register holds is gone when the
/// iteration of the `parallel` loops ends, and undefined before a `zero` or a `load` there.
///
/// Source: Intel SDM volume 2, "TILEZERO", "TILELOADD", "TDPBUSD", "TILESTORED".
package enum TileStatement: Hashable, Sendable {
  /// Sets a register to zeros.
  case zero(Int)
  /// Reads 16 rows of 64 contiguous bytes of `u8`, `i8` or `i32` elements.
  ///
  /// The first row starts at the position; each starts `rowStride` elements after the one before it.
  case load(Int, Buffer, [IndexExpr], rowStride: IndexExpr)
  /// `sum[m][n] += sum over k in 0..<64 of a[m][k] * b[k / 4][4 * n + k % 4]`, wrapping in 32 bits.
  ///
  /// `sum` is read as `i32`, `a` as `u8`, `b` as `i8`. Three different registers: the instruction wants it so.
  case dot(sum: Int, a: Int, b: Int)
  /// Writes 16 rows of 16 elements to a buffer of `i32`, placed as `load` places them.
  case store(Int, Buffer, [IndexExpr], rowStride: IndexExpr)

  package static let registerCount = 8
  package static let rowCount = 16
  /// Bytes of a row.
  package static let rowByteCount = 64
  /// Bytes of a register.
  package static let byteCount = rowCount * rowByteCount
  /// Products of bytes that one `dot` sums up.
  package static let productCount = rowCount * rowCount * rowByteCount
}

extension TileStatement {
  /// Where the rows of a load or a store lie in memory.
  package struct Access: Hashable, Sendable {
    package let buffer: Buffer
    package let position: [IndexExpr]
    /// In elements.
    package let rowStride: IndexExpr
    package let isStore: Bool

    /// Elements of a row.
    package var rowElementCount: Int {
      TileStatement.rowByteCount * 8 / max(8, buffer.element.bitWidth)
    }

    /// The distance in elements of a row's first element from the base pointer.
    package func linear(row: Int) -> IndexExpr {
      buffer.linear(position) + IndexExpr(row) * rowStride
    }
  }

  /// The memory that a load or a store goes to; nil for what stays in registers.
  package var access: Access? {
    switch self {
    case .zero, .dot: nil
    case .load(_, let buffer, let position, let rowStride):
      Access(buffer: buffer, position: position, rowStride: rowStride, isStore: false)
    case .store(_, let buffer, let position, let rowStride):
      Access(buffer: buffer, position: position, rowStride: rowStride, isStore: true)
    }
  }

  /// The registers that the statement reads or writes.
  package var registers: [Int] {
    switch self {
    case .zero(let register), .load(let register, _, _, _), .store(let register, _, _, _):
      [register]
    case .dot(let sum, let a, let b): [sum, a, b]
    }
  }
}

extension TileStatement: CustomStringConvertible {
  package var description: String {
    switch self {
    case .zero(let register): "tile \(register) = zero"
    case .load(let register, let buffer, let position, let rowStride):
      "tile \(register) = %\(buffer.name)\(position.positionText) row stride \(rowStride)"
    case .dot(let sum, let a, let b): "tile \(sum) += dot4<u8, i8>(tile \(a), tile \(b))"
    case .store(let register, let buffer, let position, let rowStride):
      "store %\(buffer.name)\(position.positionText) row stride \(rowStride) = tile \(register)"
    }
  }
}

extension Kernel {
  /// Whether the body works on matrix registers.
  package var usesMatrixTiles: Bool {
    func uses(_ statement: Statement) -> Bool {
      if case .tile = statement { return true }
      return statement.children.contains(where: uses)
    }
    return body.contains(where: uses)
  }
}
