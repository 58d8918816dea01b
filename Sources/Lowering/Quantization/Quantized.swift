import Diagnostics
import Loops
import Ops
import Tensors

extension Expr {
  /// `saturate(round_half_even(self) + zeroPoint)` for a type of at most 16 bits; NaN gives the zero point.
  ///
  /// - Parameter zeroPoint: of any integer type of at most 16 bits.
  func quantized(zeroPoint: Expr, to type: ElementType) -> Expr {
    quantized(zeroPoint: zeroPoint, within: type).converted(to: type)
  }

  /// The same as an `i32`.
  func quantized(zeroPoint: Expr, within type: ElementType) -> Expr {
    // Far outside every such type, yet far inside 32 bits, so that the sum cannot wrap.
    let limit = 0x10_0000
    let rounded = Expr.convert(self, .i32, .saturating).atLeast(Double(-limit))
      .atMost(Double(limit))
    return rounded.plus(zeroPoint.converted(to: .i32))
      .atLeast(Double(type.smallest)).atMost(Double(type.largest))
  }
}

extension ElementType {
  /// - Throws: `lowering.element-type` for types that kernels cannot compute with.
  func requireComputable() throws(Diagnostic) {
    guard !isSmallFloat, bitWidth >= 8, !isComplex else {
      throw .unsupported("lowering.element-type", "\(self) elements have no native code yet")
    }
  }
}

extension QuantizationGrid {
  /// A scale or zero point that is one number, or lies over the elements of input 0.
  ///
  /// - Throws: `shape.mismatch` when it is known not to.
  func require(_ index: Int, _ context: NodeLowering) throws(Diagnostic) {
    let (shape, parameter) = try (context.shape(0), context.shape(index))
    if parameter.allSatisfy({ $0 == 1 }) { return }
    let place = shape.count == 1 ? 0 : axis < 0 ? axis + shape.count : axis
    if blockSize == 0 {
      guard parameter.count == 1 else { return try context.require(index, [shape[place]]) }
      return try context.require(
        index, axis: 0, parameter[0].isConstant ? .equal : .equalOrOne, shape[place])
    }
    var expected = shape
    expected[place] = shape[place].ceilDiv(IndexExpr(blockSize))
    try context.require(index, expected)
  }

  /// The position of the scale or zero point that belongs to an element.
  ///
  /// - Parameter shape: that of input 0.
  func position(
    _ element: [IndexExpr], of shape: [IndexExpr], in parameter: [IndexExpr]
  ) -> [IndexExpr] {
    if parameter.allSatisfy({ $0 == 1 }) { return parameter.map { _ in 0 } }
    let place = element.count == 1 ? 0 : axis < 0 ? axis + element.count : axis
    if blockSize == 0 {
      return broadcastPosition([element[place]], to: parameter, of: [shape[place]])
    }
    var position = element
    position[place] = element[place].floorDiv(IndexExpr(blockSize))
    return position
  }
}

/// A scale or zero point of a matrix operand: one for all, one per row or column, or one per row or column of every
/// matrix of a batch.
struct MatrixParameter {
  let placed: Placed
  /// Whether it follows the rows rather than the columns.
  let isPerRow: Bool
  /// How many rows or columns there are, where the parameter is a vector.
  private var extent: IndexExpr?

  /// - Parameters:
  ///   - matrices: the shape `[..., rows, columns]` of the operand that it belongs to.
  /// - Throws: `shape.zero-point` when the input is known to fit neither one element nor the rows or columns.
  init(
    _ context: NodeLowering, _ index: Int, isPerRow: Bool, of matrices: [IndexExpr]
  ) throws(Diagnostic) {
    placed = try context.plain(index)
    self.isPerRow = isPerRow
    let shape = placed.shape
    if shape.allSatisfy({ $0 == 1 }) { return }
    let extent = matrices[matrices.count - (isPerRow ? 2 : 1)]
    var expected = shape.count == 1 ? [extent] : matrices
    if shape.count > 1 { expected[expected.count - (isPerRow ? 1 : 2)] = 1 }
    let differs = zip(shape, expected).contains {
      $0.isConstant && $1.isConstant && $0 != $1 && (shape.count == 1 || $0 != 1)
    }
    guard shape.count == expected.count, !differs else {
      throw Diagnostic(
        "shape.zero-point",
        "scale or zero point of shape \(shape) does not fit an operand of shape \(matrices)")
    }
    for axis in shape.indices where shape[axis] != 1 {
      let mayBeOne = shape.count == 1 && !shape[axis].isConstant
      try context.require(index, axis: axis, mayBeOne ? .equalOrOne : .equal, expected[axis])
    }
    if shape.count == 1 { self.extent = extent }
  }

  func load(
    _ builder: KernelBuilder, _ batch: [IndexExpr], row: IndexExpr, column: IndexExpr
  ) -> Expr {
    let view = builder.view(placed)
    let shape = placed.shape
    if shape.allSatisfy({ $0 == 1 }) { return view.load(shape.map { _ in 0 }) }
    if let extent { return view.loadBroadcast([isPerRow ? row : column], of: [extent]) }
    let position = batch + (isPerRow ? [row, 0] : [0, column])
    return view.load(broadcastPosition(position, to: shape))
  }
}
