package import Diagnostics
import Loops
package import Ops
import Tensors

extension MaxPool: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let x = try context.shape(0)
    let geometry = try geometry(x: x)
    let element = try context.element(0)
    let state: ElementType = element == .f16 || element == .bf16 ? .f32 : element
    let lowest: Expr =
      element.isFloat ? .float(-.infinity, state) : .integer(element == .i8 ? -128 : 0, state)
    if context.hasOutput(1) {
      return try IndexedMaxPool(
        axes: geometry.axes, input: context.plain(0), sink: context.output(),
        places: context.output(1).placed, isColumnMajor: columnMajor, lowest: lowest
      ).lower(context)
    }
    let kernel = geometry.axes.compactMap(\.kernel.value)
    // Every window must hold an element, and clamping must not leave a dilated window's grid.
    let clampable = geometry.axes.allSatisfy { axis in
      guard axis.dilation == 1 else { return false }
      let last = (axis.output - 1) * IndexExpr(axis.stride) - axis.padBegin
      return ((axis.input - 1) - last).lowerBound ?? -1 >= 0
        && (axis.kernel - 1 - axis.padBegin).lowerBound ?? -1 >= 0
    }
    let block = context.session.block
    if element == .f32, clampable, kernel.count == geometry.axes.count,
      kernel.reduce(1, *) <= 128, context.isBlocked(0) || (x[1].value ?? 0) >= block
    {
      let input = try context.input(0, block: block)
      return try WindowPool(
        kind: .max, axes: geometry.axes, kernel: kernel, input: input,
        sink: context.output(block: block)
      ).lower(context, block: block)
    }
    try DirectPool(
      axes: geometry.axes, input: context.plain(0), sink: context.output(),
      fold: .init(
        initial: lowest, state: state, step: { .binary(.max, $0, $1) },
        finish: { state, _, _ in state })
    ).lower(context)
  }
}
