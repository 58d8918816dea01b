import Diagnostics
import IR
import Tensors

/// Moves blocks of `b` by `b` pixels between depth and space, for images `[N, C, H, W]`.
package enum BlockRearrangement: String, CaseIterable, Sendable {
  /// Depth counts block row, block column, channel.
  case depthColumnRow = "DCR"
  /// Depth counts channel, block row, block column.
  case columnRowDepth = "CRD"

  static var names: [String] { allCases.map(\.rawValue) }

  /// Reads `blocksize` and `mode`.
  static func attributes(
    _ reader: inout AttributeReader
  ) throws(Diagnostic) -> (block: Int, mode: BlockRearrangement) {
    let block = try reader.requiredInt("blocksize")
    guard block > 0, block < 1 << 20 else {
      throw Diagnostic("attribute.value", "blocksize is \(block), expected at least 1")
    }
    let name = try reader.string("mode", default: "DCR", oneOf: names)
    return (block, BlockRearrangement(rawValue: name) ?? .depthColumnRow)
  }

  /// `dimension / divisor`.
  ///
  /// - Throws: `shape.block` when it is a number that does not divide.
  static func divide(
    _ dimension: IndexExpr, _ divisor: Int, _ name: String
  ) throws(Diagnostic) -> IndexExpr {
    let divisor = IndexExpr(divisor)
    if let quotient = dimension.exactQuotient(divisor) { return quotient }
    if dimension.isConstant {
      throw Diagnostic("shape.block", "\(name) is \(dimension), expected a multiple of \(divisor)")
    }
    return dimension.floorDiv(divisor)
  }

  /// Moves all elements between `[N, C * b * b, H, W]` and `[N, C, H * b, W * b]`.
  ///
  /// - Parameter space: the shape `[N, C, H * b, W * b]`.
  func move(_ input: Tensor, block b: Int, space: [Int], toSpace: Bool) -> Tensor {
    let (n, c, h, w) = (space[0], space[1], space[2] / b, space[3] / b)
    let depth = [n, c * b * b, h, w]
    let plane = h * w
    let row = space[3]
    // The axes of the block: image, channel, row, row in block, column, column in block.
    let shape = [n, c, h, b, w, b]
    let inSpace = [c * h * b * row, h * b * row, b * row, row, b, 1]
    let inDepth: [Int] =
      switch self {
      case .depthColumnRow: [c * b * b * plane, plane, w, b * c * plane, 1, c * plane]
      case .columnRowDepth: [c * b * b * plane, b * b * plane, w, b * plane, 1, plane]
      }
    var mover = ElementMover(type: input.type, shape: toSpace ? space : depth)
    mover.move(
      from: input, at: 0, strides: toSpace ? inDepth : inSpace, to: 0,
      strides: toSpace ? inSpace : inDepth, shape: shape)
    return mover.finish()
  }
}
