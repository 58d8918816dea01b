package import Diagnostics
package import Loops
package import Ops
package import Tensors

extension ConvInteger: Lowerable, HaloDemanding {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    if context.hasInput(2) { try context.require(2, oneOr: 1) }
    if context.hasInput(3) { try context.require(3, oneOr: context.shape(1)[0]) }
    let axes = try geometry(x: context.shape(0), w: context.shape(1)).axes
    try context.requireConvolution(0, 1, bias: .max, group: group, axes)
    if let bytes = try ByteConvolution(self, context, isMultiplied: false) {
      return try bytes.lower(context)
    }
    context.note("element by element: weights are computed, wider than a byte, or a size is open")
    try IntegerConvolution(
      group: group, axes: axes,
      input: context.plain(0), weights: context.plain(1),
      inputZero: context.hasInput(2) ? context.plain(2) : nil,
      weightZero: context.hasInput(3) ? context.plain(3) : nil
    ).lower(context) { _, _, sum in sum }
  }

  package func inputHalos(
    _ shape: [IndexExpr], weights: [IndexExpr]?, for target: Target
  ) -> [Layout.Halo]? {
    ByteConvolution.halos(self, shape, weights: weights, for: target)
  }

  /// Padding is zero less the zero point.
  package var fillInput: Int? { 2 }
}

extension QLinearConv: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let target = try context.outputElement()
    for index in [1, 2, 6, 7] { try context.require(index, oneOr: 1) }
    for index in [4, 5] { try context.require(index, oneOr: context.shape(3)[0]) }
    let scales = try [1, 4, 6].map { index throws(Diagnostic) in try context.plain(index) }
    let zero = try context.plain(7)
    let bias = context.hasInput(8) ? try context.plain(8) : nil
    let axes = try geometry(x: context.shape(0), w: context.shape(3)).axes
    try context.requireConvolution(0, 3, bias: 8, group: group, axes)
    try IntegerConvolution(
      group: group, axes: axes,
      input: context.plain(0), weights: context.plain(3), inputZero: context.plain(2),
      weightZero: context.plain(5)
    ).lower(context) { builder, filter, sum in
      var total = sum
      if let bias { total = total.plus(builder.view(bias).load([filter])) }
      let factors = scales.map { perFilter(builder, $0, filter) }
      let multiplier = factors[0].times(factors[1]).divided(by: factors[2])
      return total.converted(to: .f32).times(multiplier)
        .quantized(zeroPoint: perFilter(builder, zero, filter), to: target)
    }
  }
}

/// A scale or zero point that is one number or one per filter.
func perFilter(_ builder: KernelBuilder, _ placed: Placed, _ filter: IndexExpr) -> Expr {
  let position = placed.shape.map { $0 == 1 ? IndexExpr(0) : filter }
  return builder.view(placed).load(position)
}

/// A convolution of 8-bit operands less their zero points, exact in 32 bits; padding is zero after the subtraction.
struct IntegerConvolution {
  let group: Int
  let axes: [WindowAxis]
  let input: Placed
  let weights: Placed
  let inputZero: Placed?
  let weightZero: Placed?

  func lower(
    _ context: NodeLowering, _ finish: (KernelBuilder, _ filter: IndexExpr, _ sum: Expr) -> Expr
  ) throws(Diagnostic) {
    let sink = try context.output()
    let builder = context.builder()
    let filters = weights.shape[0].floorDiv(IndexExpr(group))
    let depth = weights.shape[1]
    let body = try Nest.over(sink.placed, builder) { position throws(Diagnostic) in
      let (image, filter) = (position[0], position[1])
      let sum = builder.registers("sum", .i32)
      let (inputPoint, weightPoint) = (builder.local("xz", .i32), builder.local("wz", .i32))
      let extents = [depth] + axes.map(\.kernel)
      let loops = try Nest.axes(extents, .serial, builder) { step in
        let spatial = zip(axes, zip(position.dropFirst(2), step.dropFirst())).map { axis, pair in
          pair.0 * IndexExpr(axis.stride) - axis.padBegin + pair.1 * IndexExpr(axis.dilation)
        }
        let isInside = builder.local("in", .bool)
        let channel = filter.floorDiv(filters) * depth + step[0]
        let load = builder.view(input).load(
          [image, channel] + spatial, when: .local(isInside), otherwise: .zero(input.element))
        let value = load.converted(to: .i32).minus(.local(inputPoint))
        let weight = builder.view(weights).load([filter] + step).converted(to: .i32)
          .minus(.local(weightPoint))
        let product = Expr.select(.local(isInside), value, .zero(.i32)).times(weight)
        return [
          .let(isInside, inside(spatial)),
          .set(sum, [], Expr.register(sum, []).plus(product)),
        ]
      }
      let points = [(inputPoint, inputZero), (weightPoint, weightZero)].map { local, placed in
        Statement.let(
          local,
          placed.map { perFilter(builder, $0, filter).converted(to: .i32) } ?? .zero(.i32))
      }
      return [.registers(sum, initial: .zero(.i32))] + points + loops
        + (try sink.store(finish(builder, filter, .register(sum, [])), at: position, builder))
    }
    context.launch("integer_conv", builder, body)
  }

  private func inside(_ spatial: [IndexExpr]) -> Expr {
    var condition = Expr.integer(1, .bool)
    for (axis, index) in zip(axes, spatial) {
      condition = .binary(.and, condition, .compare(.greaterOrEqual, .index(index), .index(0)))
      condition = .binary(.and, condition, .compare(.less, .index(index), .index(axis.input)))
    }
    return condition
  }
}
