package import Diagnostics
import IR
package import Loops
package import Ops
package import Tensors

extension ConvIntegerToFloat: Lowerable, HaloDemanding {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let (x, w) = try (context.shape(0), context.shape(1))
    let geometry = try geometry(x: x, w: w)
    try context.requireConvolution(0, 1, bias: 5, group: group, geometry.axes)
    try context.require(2, oneOr: 1)
    for index in [3, 4] { try context.require(index, oneOr: w[0]) }
    if let bytes = try ByteConvolution(self, context, isMultiplied: true) {
      return try bytes.lower(context)
    }
    context.note("element by element: weights are computed, wider than a byte, or a size is open")
    let multiplier = try context.plain(4)
    let bias = context.hasInput(5) ? try context.plain(5) : nil
    try IntegerConvolution(
      group: group, axes: geometry.axes, input: context.plain(0), weights: context.plain(1),
      inputZero: context.plain(2), weightZero: context.plain(3)
    ).lower(context) { builder, filter, sum in
      let total = bias.map { sum.plus(builder.view($0).load([filter])) } ?? sum
      return total.converted(to: .f32).times(perFilter(builder, multiplier, filter))
    }
  }

  package func inputHalos(
    _ shape: [IndexExpr], weights: [IndexExpr]?, for target: Target
  ) -> [Layout.Halo]? {
    ByteConvolution.halos(self, shape, weights: weights, for: target)
  }

  /// Padding is zero less the zero point.
  package var fillInput: Int? { 2 }
}
