package import Diagnostics
import Loops
package import Ops
import Tensors

extension RangeOp: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let element = try context.outputElement()
    let bounds = try (0..<3).map { index throws(Diagnostic) in try context.scalar(index) }
    let wide: ElementType = element.isFloat ? .f64 : .i64
    func load(_ builder: KernelBuilder, _ index: Int) -> Expr {
      let place = bounds[index]
      return builder.view(place).load(place.shape.map { _ in 0 }).converted(to: wide)
    }
    try context.define(context.outputShape()[0]) { builder in
      let values = (0..<3).map { _ in builder.local("bound", wide) }
      let statements = values.enumerated().map { Statement.let($1, load(builder, $0)) }
      let distance = Expr.local(values[1]).minus(.local(values[0]))
      let step = Expr.local(values[2])
      if element.isFloat {
        return (statements, distance.divided(by: step).apply(.ceil).converted(to: .i64))
      }
      let rest = Expr.compare(.notEqual, .binary(.rem, distance, step), .zero(.i64))
      let count = distance.divided(by: step).plus(rest.converted(to: .i64))
      let isEmpty = Expr.compare(.notEqual, distance.isLess(than: 0), step.isLess(than: 0))
      let isStill = Expr.compare(.equal, step, .zero(.i64))
      return (statements, .select(.binary(.or, isEmpty, isStill), .zero(.i64), count))
    }
    try Movement.lower(context, into: context.output()) { builder, position in
      let steps = Expr.index(position[0]).converted(to: wide)
      return load(builder, 0).plus(steps.times(load(builder, 2))).converted(to: element)
    }
  }
}
