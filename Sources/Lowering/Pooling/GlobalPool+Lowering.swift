package import Diagnostics
import Loops
package import Ops
import Tensors

extension GlobalAveragePool: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    try lowerGlobalPool(context) { .mean($0) }
  }
}

extension GlobalMaxPool: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    try lowerGlobalPool(context) { .maximum($0) }
  }
}

/// A fold of all spatial axes, in channel blocks where the input has them.
func lowerGlobalPool(
  _ context: NodeLowering, _ fold: (ElementType) -> ReductionFold
) throws(Diagnostic) {
  let shape = try context.shape(0)
  let element = try context.element(0)
  let block = context.session.block
  if element == .f32, context.isBlocked(0) {
    let input = try context.input(0, block: block)
    return try SpatialReduction(
      input: input, fold: fold(.f32), sink: context.output(block: block), keepsDimensions: true
    ).lower(context, block: block)
  }
  let state: ElementType = element == .f16 || element == .bf16 ? .f32 : element
  try AxisReduction(
    input: context.plain(0), reduced: shape.indices.map { $0 >= 2 }, keepsDimensions: true,
    fold: fold(state), state: state, sink: context.output()
  ).lower(context)
}
