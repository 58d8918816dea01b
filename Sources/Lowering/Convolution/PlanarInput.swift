import Diagnostics
import Loops
import Tensors

/// The input of a `PlanarConvolution`: for every tap of a window, the columns of neighbouring outputs are neighbours.
struct PlanarInput {
  /// `[n, c, ..., columns]` with zeros beside the columns, or `[n, c, ..., remainder, columns]` for steps of more than
  /// one.
  let placed: Placed
  /// Extents of the spatial axes.
  let extents: [IndexExpr]
  private let axis: ConvolutionAxis

  /// The halo that windows want of rows; other axes need none, for taps outside are passed over.
  static func halos(_ axes: [ConvolutionAxis], _ extents: [IndexExpr]) -> [Layout.Halo] {
    let none = axes.dropLast().map { _ in Layout.Halo(before: 0, after: 0) }
    guard let axis = axes.last, let extent = extents.last, axis.inputStride == 1 else {
      return Layout.channelHalo + axes.map { _ in Layout.Halo(before: 0, after: 0) }
    }
    return Layout.channelHalo + none + [axis.halo(extent: extent)]
  }

  /// Input 0, in rows; its columns are sorted by remainder first where windows move in steps of more than one.
  init(_ axes: [ConvolutionAxis], _ context: NodeLowering) throws(Diagnostic) {
    guard let axis = axes.last else {
      throw .internal("lowering.planar", "a convolution along no axis")
    }
    let shape = try context.shape(0)
    extents = Array(shape.dropFirst(2))
    self.axis = axis
    guard axis.inputStride > 1 else {
      let halos = Self.halos(axes, extents)
      placed =
        try halos.allSatisfy(\.isEmpty)
        ? context.rows(0) : context.input(0, block: nil, halos: halos)
      return
    }
    placed = try Self.sorted(context.rows(0), axis, context)
  }

  /// The columns of each remainder modulo the step, zeros where windows overhang.
  private static func sorted(
    _ rows: Placed, _ axis: ConvolutionAxis, _ context: NodeLowering
  ) throws(Diagnostic) -> Placed {
    let step = axis.inputStride
    let reach = (axis.tapCount - 1) * axis.tapStep / step
    let shape = rows.shape.dropLast() + [IndexExpr(step), axis.count + IndexExpr(reach)]
    let sorted = context.temporary(.f32, Array(shape))
    let builder = context.builder()
    let x = builder.view(rows)
    let width = rows.shape[rows.shape.count - 1]
    let body = try Nest.over(sorted, builder) { at in
      let (remainder, number) = (at[at.count - 2], at[at.count - 1])
      let column = number * IndexExpr(step) + remainder + axis.tapBase
      let isInside = Expr.binary(
        .and, .compare(.greaterOrEqual, .index(column), .index(0)),
        .compare(.less, .index(column), .index(width)))
      let value = x.load(at.dropLast(2) + [column], when: isInside, otherwise: .float(0, .f32))
      return [builder.view(sorted, isWritten: true).store(value, at: at)]
    }
    context.launch(
      "reorder", builder, body, work: shape.reduce(4, *),
      note: "columns sorted by remainder modulo \(step)")
    return sorted
  }

  /// The last indices of the input for an output's column and a tap of the last axis.
  func column(_ output: IndexExpr, tap: IndexExpr) -> [IndexExpr] {
    guard axis.inputStride > 1 else { return [axis.input(output, tap: tap)] }
    let step = IndexExpr(axis.inputStride)
    let distance = tap * IndexExpr(axis.tapStep)
    return [distance.mod(step), output + distance.floorDiv(step)]
  }
}
