package import Diagnostics
import Loops
package import Ops
import Tensors

extension QuantizeLinear: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let (x, scale) = try (context.plain(0), context.plain(1))
    let target = try context.outputElement()
    let points = context.hasInput(2) ? try context.plain(2) : nil
    for index in 1...2 where context.hasInput(index) { try grid.require(index, context) }
    let divisor = precision ?? (isNarrowScale(scale.element) ? .f32 : scale.element)
    let steps = SmallReader(scale, context)
    let zeros = points.map { (placed: $0, reader: SmallReader($0, context)) }
    let grid = grid
    /// The quotient and the zero point of one element.
    func parts(
      _ builder: KernelBuilder, _ position: [IndexExpr]
    ) -> (statements: [Statement], quotient: Expr, zero: Expr) {
      let (load, step) = steps.load(builder, grid.position(position, of: x.shape, in: scale.shape))
      let dividend = builder.view(x).load(position).converted(to: divisor).converted(to: .f32)
      let narrow = step.converted(to: divisor).converted(to: .f32)
      // Rounded to the divisor's precision, which a quotient in single precision does not spoil.
      let quotient = dividend.divided(by: narrow).converted(to: divisor).converted(to: .f32)
      let zero = zeros.map {
        $0.reader.load(builder, grid.position(position, of: x.shape, in: $0.placed.shape))
      }
      return (load + (zero?.statements ?? []), quotient, zero?.value ?? .zero(.i32))
    }
    if target.isSmallFloat {
      let encoder = try SmallFloatEncoder(
        Ops.Conversion(target: target, saturates: saturates), context)
      return try SmallWriter.write(context, into: context.output()) { builder, position in
        let (statements, quotient, zero) = parts(builder, position)
        let shifted = quotient.plus(zero.converted(to: .f32)).converted(to: .f64)
        let (search, code) = encoder.code(builder, shifted)
        return (statements + search, code)
      }
    }
    if target.isSmall {
      return try SmallWriter.write(context, into: context.output()) { builder, position in
        let (statements, quotient, zero) = parts(builder, position)
        return (statements, quotient.quantized(zeroPoint: zero, within: target))
      }
    }
    try Movement.lower(context, into: context.output()) { builder, position in
      let (statements, quotient, zero) = parts(builder, position)
      return (statements, quotient.quantized(zeroPoint: zero, to: target))
    }
  }

  private func isNarrowScale(_ type: ElementType) -> Bool { type.isSmallFloat || !type.isFloat }
}

extension DequantizeLinear: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let (x, scale) = try (context.plain(0), context.plain(1))
    let target = try context.outputElement()
    let points = context.hasInput(2) ? try context.plain(2) : nil
    for index in 1...2 where context.hasInput(index) { try grid.require(index, context) }
    let (values, steps) = (SmallReader(x, context), SmallReader(scale, context))
    let zeros = points.map { (placed: $0, reader: SmallReader($0, context)) }
    let grid = grid
    // Differences of narrow integers are exact in 32 bits; those of 32 bits take double precision.
    let wide: ElementType = x.element.isFloat ? .f32 : x.element == .i32 ? .f64 : .i32
    try Movement.lower(context, into: context.output()) { builder, position in
      var (statements, value) = values.load(builder, position)
      if let zeros {
        let place = grid.position(position, of: x.shape, in: zeros.placed.shape)
        let zero = zeros.reader.load(builder, place)
        statements += zero.statements
        value = value.converted(to: wide).minus(zero.value.converted(to: wide))
      }
      let factor = steps.load(builder, grid.position(position, of: x.shape, in: scale.shape))
      let product = value.converted(to: .f32).times(factor.value.converted(to: .f32))
      return (statements + factor.statements, product.converted(to: target))
    }
  }
}
