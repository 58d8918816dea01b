package import Diagnostics
import Loops
package import Ops
import Tensors

extension DynamicQuantizeLinear: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    let count = shape.reduce(1, *)
    let x = try context.plain(0)
    let sink = try context.output()
    // A result that nothing reads still has to be kept between the two kernels.
    let scale = try context.hasOutput(1) ? context.output(1).placed : context.temporary(.f32, [])
    let zero = try context.hasOutput(2) ? context.output(2).placed : context.temporary(.u8, [])
    try findRange(context, x.reshaped(to: [count]), count, scale: scale, zero: zero)
    let builder = context.builder()
    let body = try Nest.over(sink.placed, builder) { position throws(Diagnostic) in
      let quotient = builder.view(x).load(position).divided(by: builder.view(scale).load([]))
      let result = quotient.quantized(zeroPoint: builder.view(zero).load([]), to: .u8)
      return try sink.store(result, at: position, builder)
    }
    context.launch("quantize", builder, body, work: count * 8)
  }

  /// The extremes of the input with zero among them, as a scale and a zero point.
  private func findRange(
    _ context: NodeLowering, _ x: Placed, _ count: IndexExpr, scale: Placed, zero: Placed
  ) throws(Diagnostic) {
    let builder = context.builder()
    let lanes = context.target.lanes(.f32)
    let sweep = LaneSweep(count: count, lanes: lanes)
    let (low, high) = (builder.registers("low", .f32), builder.registers("high", .f32))
    let body = try builder.loop("lane", IndexExpr(lanes), .vector(lanes: lanes)) {
      lane throws(Diagnostic) in
      let loops = try sweep(builder, lane) { index, isInside in
        let value = builder.local("x", .f32)
        let view = builder.view(x)
        let load =
          isInside.map { view.load([index], when: $0, otherwise: .zero(.f32)) }
          ?? view.load([index])
        // Comparisons, which leave NaN out.
        let isLow = Expr.compare(.less, .local(value), .register(low, []))
        let isHigh = Expr.compare(.greater, .local(value), .register(high, []))
        return [
          .let(value, load),
          .set(low, [], .select(isLow, .local(value), .register(low, []))),
          .set(high, [], .select(isHigh, .local(value), .register(high, []))),
        ]
      }
      let (least, span) = (builder.local("least", .f32), builder.local("span", .f32))
      let step = builder.local("step", .f32)
      let greatest = Expr.reduceLanes(.max, .register(high, []))
      let isFlat = Expr.compare(.equal, .local(span), .zero(.f32))
      let offset = Expr.zero(.f32).minus(.local(least)).divided(by: .local(step))
      return [.registers(low, initial: .zero(.f32)), .registers(high, initial: .zero(.f32))]
        + loops + [
          .let(least, .reduceLanes(.min, .register(low, []))),
          .let(span, greatest.minus(.local(least)).divided(by: .float(255, .f32))),
          .let(step, .select(isFlat, .float(1, .f32), .local(span))),
          builder.view(scale, isWritten: true).store(.local(step), at: []),
          builder.view(zero, isWritten: true).store(
            offset.quantized(zeroPoint: .zero(.i32), to: .u8), at: []),
        ]
    }
    context.launch("quantization_range", builder, body, work: count * 4)
  }
}
