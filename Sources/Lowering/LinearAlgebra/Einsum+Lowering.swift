package import Diagnostics
import Loops
package import Ops
import Tensors

extension Einsum: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let operands = try (0..<context.inputCount).map { index throws(Diagnostic) in
      try context.plain(index)
    }
    let parsed = try EinsumEquation(equation, ranks: operands.map(\.shape.count))
    let dimensions = try parsed.dimensions(operands.map(\.shape))
    for (index, labels) in parsed.operands.enumerated() {
      for (axis, label) in labels.enumerated() {
        try context.require(index, axis: axis, .equalOrOne, dimensions[label] ?? 1)
      }
    }
    var summed: [EinsumEquation.Label] = []
    for label in parsed.operands.joined()
    where !parsed.result.contains(label) && !summed.contains(label) {
      summed.append(label)
    }
    let element = try context.element(0)
    let state: ElementType = element == .f16 || element == .bf16 ? .f32 : element
    let sink = try context.output()
    let builder = context.builder()
    let depth = summed.map { dimensions[$0] ?? 1 }
    let body = try Nest.over(sink.placed, builder) { position throws(Diagnostic) in
      let sum = builder.registers("sum", state)
      let loops = try Nest.axes(depth, .serial, builder) { terms in
        var places: [EinsumEquation.Label: IndexExpr] = [:]
        for (label, index) in zip(parsed.result, position) { places[label] = index }
        for (label, index) in zip(summed, terms) { places[label] = index }
        var product: Expr?
        for (labels, operand) in zip(parsed.operands, operands) {
          let source = broadcastPosition(
            labels.map { places[$0] ?? 0 }, to: operand.shape,
            of: labels.map { dimensions[$0] ?? 1 })
          let factor = builder.view(operand).load(source).converted(to: state)
          product = product.map { $0.times(factor) } ?? factor
        }
        return [.set(sum, [], Expr.register(sum, []).plus(product ?? .constant(1, state)))]
      }
      return [.registers(sum, initial: .zero(state))] + loops
        + (try sink.store(Expr.register(sum, []).converted(to: element), at: position, builder))
    }
    context.launch("einsum", builder, body, work: (sink.shape + depth).reduce(2, *))
  }
}
