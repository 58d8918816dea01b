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
    let lowest = Expr.lowest(state)
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
    if element == .f32 || !element.isFloat, clampable, kernel.count == geometry.axes.count,
      !kernel.isEmpty,
      (kernel.max() ?? 0) <= Self.longestUnrolled
    {
      return try lowerUnrolled(geometry.axes, kernel, x, context)
    }
    try DirectPool(
      axes: geometry.axes, input: context.plain(0), sink: context.output(),
      fold: .init(
        initial: lowest, state: state, step: { .binary(.max, $0, $1) },
        finish: { state, _, _ in state })
    ).lower(context)
  }

  /// Taps of one axis that are unrolled at most.
  private static let longestUnrolled = 64
  /// Windows of more taps than this are taken axis by axis: the sum of their extents, not the product.
  private static let mostTaps = 12

  /// Lanes hold channels, or columns where there are few channels.
  private func lowerUnrolled(
    _ axes: [WindowAxis], _ kernel: [Int], _ x: [IndexExpr], _ context: NodeLowering
  ) throws(Diagnostic) {
    let isBlocked = context.isBlocked(0) || (x[1].value ?? 0) >= context.session.block
    let block = isBlocked ? context.session.block : nil
    var input = try context.input(0, block: block)
    let sink = try context.output(block: block)
    let steps = kernel.indices.filter { kernel[$0] > 1 || axes[$0].stride > 1 }
    guard kernel.elementCount > Self.mostTaps, steps.count > 1 else {
      return try WindowPool(kind: .max, axes: axes, kernel: kernel, input: input, sink: sink)
        .lower(context)
    }
    // The last axis first: its results are read along the others.
    for (number, axis) in steps.reversed().enumerated() {
      let stage = axes.indices.map {
        $0 == axis ? axes[$0] : WindowAxis(passing: input.shape[$0 + 2])
      }
      let isLast = number == steps.count - 1
      let shape = input.shape.prefix(2) + stage.map(\.output)
      let result =
        isLast
        ? sink
        : Sink(
          placed: context.temporary(input.element, Array(shape), layout: Layout(block: block)),
          epilogue: nil
        )
      try WindowPool(
        kind: .max, axes: stage, kernel: kernel.indices.map { $0 == axis ? kernel[$0] : 1 },
        input: input, sink: result
      ).lower(context)
      input = result.placed
    }
  }
}

extension WindowAxis {
  /// An axis along which nothing is pooled.
  fileprivate init(passing extent: IndexExpr) {
    self.init(
      input: extent, kernel: 1, stride: 1, dilation: 1, padBegin: 0, padEnd: 0, output: extent)
  }
}
