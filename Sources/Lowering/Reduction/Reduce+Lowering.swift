package import Diagnostics
import IR
import Loops
package import Ops
package import Tensors

/// A reduction over axes that is one fold of the loop IR.
package protocol FoldLowerable: Lowerable {
  var form: ReductionForm { get }
  /// The fold in the type of the running value.
  func fold(_ state: ElementType) -> ReductionFold
}

extension FoldLowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    let element = try context.element(0)
    let state: ElementType = element == .f16 || element == .bf16 ? .f32 : element
    var axes: [Int]? = []
    if context.hasInput(1) {
      guard let known = context.inference.integers(1) else {
        return try lowerWithComputedAxes(context, fold(state), state: state)
      }
      axes = known
    }
    let reduced = try form.reduced(axes, rank: shape.count)
    let block = context.session.block
    let isSpatial =
      shape.count >= 3 && !reduced[0] && !reduced[1] && reduced.dropFirst(2).allSatisfy { $0 }
    if element == .f32, isSpatial, context.isBlocked(0), form.keepsDimensions {
      let input = try context.input(0, block: block)
      return try SpatialReduction(
        input: input, fold: fold(.f32), sink: context.output(block: block), keepsDimensions: true
      ).lower(context, block: block)
    }
    try AxisReduction(
      input: context.plain(0), reduced: reduced, keepsDimensions: form.keepsDimensions,
      fold: fold(state), state: state, sink: context.output()
    ).lower(context)
  }

  private func lowerWithComputedAxes(
    _ context: NodeLowering, _ fold: ReductionFold, state: ElementType
  ) throws(Diagnostic) {
    try GroupReduction(form: form).lower(context, reduced: nil, state: state) {
      builder, count, visit throws(Diagnostic) in
      let value = builder.registers("fold", state)
      let loops = try visit { x in
        [.set(value, [], .binary(fold.operation, .register(value, []), fold.prepare(x)))]
      }
      return (
        [.registers(value, initial: fold.initial)] + loops,
        fold.finish(.register(value, []), count)
      )
    }
  }
}

extension ReduceL1: FoldLowerable {
  package func fold(_ state: ElementType) -> ReductionFold {
    .sum(state, prepare: { $0.apply(.abs) })
  }
}

extension ReduceL2: FoldLowerable {
  package func fold(_ state: ElementType) -> ReductionFold {
    .sum(state, prepare: { $0.times($0) }, finish: { value, _ in root(value) })
  }
}

extension ReduceLogSum: FoldLowerable {
  package func fold(_ state: ElementType) -> ReductionFold {
    .sum(state, finish: { value, _ in logarithm(value) })
  }
}

extension ReduceMax: FoldLowerable {
  package func fold(_ state: ElementType) -> ReductionFold { .maximum(state) }
}

extension ReduceMean: FoldLowerable {
  package func fold(_ state: ElementType) -> ReductionFold { .mean(state) }
}

extension ReduceMin: FoldLowerable {
  package func fold(_ state: ElementType) -> ReductionFold { .minimum(state) }
}

extension ReduceProd: FoldLowerable {
  package func fold(_ state: ElementType) -> ReductionFold {
    ReductionFold(initial: .constant(1, state), operation: .mul, lanes: .mul)
  }
}

extension ReduceSum: FoldLowerable {
  package func fold(_ state: ElementType) -> ReductionFold { .sum(state) }
}

extension ReduceSumSquare: FoldLowerable {
  package func fold(_ state: ElementType) -> ReductionFold {
    .sum(state, prepare: { $0.times($0) })
  }
}

/// Integer operands go through double precision.
private func root(_ value: Expr) -> Expr {
  value.type.isFloat
    ? value.apply(.sqrt) : value.converted(to: .f64).apply(.sqrt).converted(to: value.type)
}

private func logarithm(_ value: Expr) -> Expr {
  value.type.isFloat
    ? value.apply(.log) : value.converted(to: .f64).apply(.log).converted(to: value.type)
}
