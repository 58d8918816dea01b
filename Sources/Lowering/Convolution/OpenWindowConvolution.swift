import Diagnostics
import Loops
import Ops
import Tensors

/// A convolution of any type whose windows have sizes or paddings that are only known when it runs: one output element after
/// the other over row-major tensors.
struct OpenWindowConvolution {
  let axes: [WindowAxis]
  let group: Int
  let input: Placed
  let weights: Placed
  let bias: Placed?
  let sink: Sink
  /// Whether it is a transposed one, whose weights are `[C, M / group, ...]`.
  let isTransposed: Bool

  func lower(_ context: NodeLowering) throws(Diagnostic) {
    let element = input.element
    let sumType: ElementType = element == .f16 || element == .bf16 ? .f32 : element
    let ownOutputs = sink.shape[1].floorDiv(IndexExpr(group))
    let ownInputs = input.shape[1].floorDiv(IndexExpr(group))
    let window = axes.map(\.kernel)
    let work = sink.shape.reduce(ownInputs, *) * window.reduce(1, *)
    try context.forEach("open_conv", sink.shape, work: work) { builder, at throws(Diagnostic) in
      let sum = builder.registers("sum", sumType)
      let first = bias.map { builder.view($0).load([at[1]]).converted(to: sumType) }
      let loops = try Nest.axes([ownInputs] + window, .serial, builder) { step in
        let taps = Array(step.dropFirst())
        let channel = at[1].floorDiv(ownOutputs) * ownInputs + step[0]
        let (position, isMet) = source(Array(at.dropFirst(2)), taps)
        let value = builder.view(input).load(
          [at[0], channel] + position, when: isMet, otherwise: .zero(element))
        let weight = isTransposed ? [channel, at[1].mod(ownOutputs)] : [at[1], step[0]]
        let product = Expr.fma(
          value.converted(to: sumType),
          builder.view(weights).load(weight + taps).converted(to: sumType), .register(sum, []))
        return [.set(sum, [], product)]
      }
      return [.registers(sum, initial: first ?? .zero(sumType))] + loops
        + (try sink.store(Expr.register(sum, []).converted(to: element), at: at, builder))
    }
  }

  /// The place in the input that an output meets through some taps, and whether there is one.
  private func source(_ outputs: [IndexExpr], _ taps: [IndexExpr]) -> ([IndexExpr], Expr) {
    var position: [IndexExpr] = []
    var isMet = Expr.integer(1, .bool)
    for (axis, (output, tap)) in zip(axes, zip(outputs, taps)) {
      let (stride, dilation) = (IndexExpr(axis.stride), IndexExpr(axis.dilation))
      var place = output * stride - axis.padBegin + tap * dilation
      if isTransposed {
        let shifted = output + axis.padBegin - tap * dilation
        place = shifted.floorDiv(stride)
        isMet = .binary(
          .and, isMet, .compare(.equal, .index(shifted.mod(stride)), .zero(.i64)))
      }
      for condition: Expr in [
        .compare(.greaterOrEqual, .index(place), .zero(.i64)),
        .compare(.less, .index(place), .index(axis.input)),
      ] { isMet = .binary(.and, isMet, condition) }
      position.append(place)
    }
    return (position, isMet)
  }
}
