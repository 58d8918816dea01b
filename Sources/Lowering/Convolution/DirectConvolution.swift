import Diagnostics
import Loops
import Tensors

/// A convolution of any type, with weights known only at run time where need be: one output element after the other
/// over row-major tensors, the last spatial axis in lanes.
struct DirectConvolution {
  let axes: [ConvolutionAxis]
  let kernel: [Int]
  let group: Int
  let input: Placed
  let weights: Placed
  let bias: Placed?
  let sink: Sink
  /// Whether the weights are `[C, M / group, ...]`, as a transposed convolution has them.
  let isTransposed: Bool

  func lower(_ context: NodeLowering) throws(Diagnostic) {
    let builder = context.builder()
    let x = builder.view(input)
    let w = builder.view(weights)
    let b = bias.map { builder.view($0) }
    let element = input.element
    let sumType: ElementType = element == .f16 || element == .bf16 ? .f32 : element
    let filters = sink.shape[1]
    let ownOutputs = filters.floorDiv(IndexExpr(group))
    let ownInputs = input.shape[1].floorDiv(IndexExpr(group))
    let window = axes.map { IndexExpr($0.tapCount) }
    let outer = [input.shape[0], filters] + axes.dropLast().map(\.count)
    let lanes = LoopKind.vector(lanes: context.target.lanes(.f32))

    let body = try Nest.axes(outer, .parallel, builder) { place throws(Diagnostic) in
      try builder.loop("i", axes.last?.count ?? 1, lanes) { column throws(Diagnostic) in
        let (n, m) = (place[0], place[1])
        let outputs = Array(place.dropFirst(2)) + [column]
        let sum = builder.registers("sum", sumType)
        let first = b.map { Expr.convert($0.load([m]), sumType, .plain) } ?? .zero(sumType)
        let loops = try Nest.axes([ownInputs] + window, .serial, builder) { step in
          let taps = Array(step.dropFirst())
          let channel = m.floorDiv(ownOutputs) * ownInputs + step[0]
          let position = zip(axes, zip(outputs, taps)).map { $0.input($1.0, tap: $1.1) }
          let kernel = zip(axes, taps).map {
            IndexExpr($0.kernelBase) + $1 * IndexExpr($0.kernelStep)
          }
          let weight = isTransposed ? [channel, m.mod(ownOutputs)] : [m, step[0]]
          let value = x.load(
            [n, channel] + position, when: isInside(position), otherwise: .zero(element))
          let product = Expr.fma(
            .convert(value, sumType, .plain),
            .convert(w.load(weight + kernel), sumType, .plain), .register(sum, []))
          return [.set(sum, [], product)]
        }
        let at = [n, m] + zip(axes, outputs).map { $0.output($1) }
        return [.registers(sum, initial: first)] + loops
          + (try sink.store(.convert(.register(sum, []), element, .plain), at: at, builder))
      }
    }
    context.launch("direct_conv", builder, body)
  }

  private func isInside(_ position: [IndexExpr]) -> Expr {
    var condition = Expr.integer(1, .bool)
    for (index, extent) in zip(position, input.shape.dropFirst(2)) {
      if (index.lowerBound ?? -1) < 0 {
        condition = .binary(.and, condition, .compare(.greaterOrEqual, .index(index), .index(0)))
      }
      let last = (index - extent).upperBound
      if last == nil || (last ?? 0) >= 0 {
        condition = .binary(.and, condition, .compare(.less, .index(index), .index(extent)))
      }
    }
    return condition
  }
}
