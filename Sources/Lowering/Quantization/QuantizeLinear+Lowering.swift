package import Diagnostics
import Loops
package import Ops
import Tensors

extension QuantizeLinear: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let (x, scale) = try (context.plain(0), context.plain(1))
    let target = try context.outputElement()
    for type in [x.element, scale.element, target] { try type.requireComputable() }
    let points = context.hasInput(2) ? try context.plain(2) : nil
    let divisor = precision ?? (scale.element.isFloat ? scale.element : .f32)
    let grid = grid
    try Movement.lower(context, into: context.output()) { builder, position in
      let place = grid.position(position, in: scale.shape)
      let dividend = builder.view(x).load(position).converted(to: divisor).converted(to: .f32)
      let step = builder.view(scale).load(place).converted(to: divisor).converted(to: .f32)
      // Rounded to the divisor's precision, which a quotient in single precision does not spoil.
      let quotient = dividend.divided(by: step).converted(to: divisor).converted(to: .f32)
      let zero =
        points.map { builder.view($0).load(grid.position(position, in: $0.shape)) } ?? .zero(.i32)
      return quotient.quantized(zeroPoint: zero, to: target)
    }
  }
}

extension DequantizeLinear: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let (x, scale) = try (context.plain(0), context.plain(1))
    let target = try context.outputElement()
    for type in [x.element, scale.element, target] { try type.requireComputable() }
    let points = context.hasInput(2) ? try context.plain(2) : nil
    let grid = grid
    // Differences of narrow types are exact in 32 bits; those of 32 bits take double precision.
    let wide: ElementType = x.element == .i32 ? .f64 : .i32
    try Movement.lower(context, into: context.output()) { builder, position in
      var value = builder.view(x).load(position)
      if let points {
        let zero = builder.view(points).load(grid.position(position, in: points.shape))
        value = value.converted(to: wide).minus(zero.converted(to: wide))
      }
      let factor = builder.view(scale).load(grid.position(position, in: scale.shape))
      return value.converted(to: .f32).times(factor.converted(to: .f32)).converted(to: target)
    }
  }
}
