package import Diagnostics
import Loops
package import Ops
import Tensors

extension BatchNormalization: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let channels = try context.shape(0).count > 1 ? context.shape(0)[1] : 1
    if spatial { for index in 1..<5 { try context.require(index, [channels]) } }
    if trainingMode { return try BatchStatistics(op: self).lower(context) }
    try keepStatistics(context)
    let shape = try context.shape(0)
    let element = try context.element(0)
    guard spatial || shape.count == 2 else {
      throw .unsupported(
        "lowering.batch-norm-per-element", "statistics per element have no native code yet")
    }
    let state: ElementType = element == .f64 ? .f64 : .f32
    let block = context.isBlocked(0) && element == .f32 ? context.session.block : nil
    let input = try context.input(0, block: block)
    let parameters = try (1..<5).map { index throws(Diagnostic) in try context.plain(index) }
    let sink = try context.output(block: block)
    let builder = context.builder()
    let body = try Nest.over(sink.placed, builder) { position throws(Diagnostic) in
      let channel = shape.count > 1 ? position[1] : 0
      let values = parameters.map { parameter -> Expr in
        let view = builder.view(parameter)
        let isPadded = (channel.upperBound ?? 0) >= (parameter.shape[0].value ?? .max)
        let load =
          isPadded
          ? view.load(
            [channel], when: .compare(.less, .index(channel), .index(parameter.shape[0])),
            otherwise: .zero(parameter.element))
          : view.load([channel])
        return .convert(load, state, .plain)
      }
      let factor = values[0].divided(by: values[3].plus(epsilon).apply(.sqrt))
      let x = Expr.convert(builder.view(input).load(position), state, .plain)
      let y = x.minus(values[2]).times(factor).plus(values[1])
      return try sink.store(.convert(y, element, .plain), at: position, builder)
    }
    context.launch("batch_norm", builder, body, work: shape.reduce(8, *))
  }

  /// Outside training the statistics leave as they came.
  private func keepStatistics(_ context: NodeLowering) throws(Diagnostic) {
    for index in 1...2 where context.hasOutput(index) {
      let given = try context.plain(index + 2)
      try Movement.lower(context, into: context.output(index)) { builder, position in
        builder.view(given).load(position)
      }
    }
  }
}
