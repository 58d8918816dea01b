package import Diagnostics
import Loops
package import Ops
import Tensors

extension LayerNormalization: Lowerable, InPlaceReading {
  package func readsInPlace(input: Int) -> Bool { input == 0 }

  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    let first = axis < 0 ? axis + shape.count : axis
    let count = shape[first...].reduce(1, *)
    for index in 1...2 where context.hasInput(index) {
      try context.requireBroadcast(index, to: shape)
    }
    let input = try context.inPlace(0)
    let scale = try context.plain(1)
    let shift = context.hasInput(2) ? try context.plain(2) : nil
    let sink = try context.output()
    try RowNormalization(
      input: input, count: count, epsilon: epsilon, isCentered: true, sink: sink,
      scale: perElement(scale, shape, count), shift: shift.map { perElement($0, shape, count) },
      mean: context.hasOutput(1) ? context.output(1).placed : nil,
      inverseDeviation: context.hasOutput(2) ? context.output(2).placed : nil
    ).lower(context)
  }
}

extension RMSNormalization: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    let first = axis < 0 ? axis + shape.count : axis
    let count = shape[first...].reduce(1, *)
    try context.requireBroadcast(1, to: shape)
    let input = try context.plain(0)
    let scale = try context.plain(1)
    try RowNormalization(
      input: input, count: count, epsilon: epsilon, isCentered: false, sink: context.output(),
      scale: perElement(scale, shape, count), shift: nil
    ).lower(context)
  }
}

/// Reads a parameter that broadcasts to `shape` at an index of a row of `count` elements.
private func perElement(
  _ parameter: Placed, _ shape: [IndexExpr], _ count: IndexExpr
) -> (KernelBuilder, IndexExpr, IndexExpr, Expr?) -> Expr {
  { builder, row, index, isInside in
    let view: View
    let position: [IndexExpr]
    if parameter.shape.reduce(1, *) == count {
      view = builder.view(parameter.reshaped(to: [count]))
      position = [index]
    } else {
      view = builder.view(parameter)
      position = broadcastPosition(
        delinearize(row * count + index, shape), to: parameter.shape, of: shape)
    }
    guard let isInside else { return view.load(position) }
    return view.load(position, when: isInside, otherwise: .zero(view.element))
  }
}
