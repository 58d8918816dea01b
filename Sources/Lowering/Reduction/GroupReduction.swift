import Diagnostics
import Loops
import Ops
import Tensors

/// A reduction in scalar code: for axes that are computed at run time, and folds that take more than one pass.
struct GroupReduction {
  let form: ReductionForm
  /// The computation of one result from loops over its elements, each converted to the state's type.
  typealias Computation = (
    KernelBuilder, _ count: IndexExpr,
    _ visit: ((Expr) throws(Diagnostic) -> [Statement]) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> (statements: [Statement], value: Expr)

  /// - Parameter reduced: for each axis whether it is folded; nil where input 1 says so at run time.
  func lower(
    _ context: NodeLowering, reduced: [Bool]?, state: ElementType, _ compute: Computation
  ) throws(Diagnostic) {
    let input = try context.plain(0)
    let shape = input.shape
    let axes = reduced == nil ? try context.plain(1) : nil
    let output = try context.outputShape()
    if let axes { try define(context, output, shape, axes) }
    let sink = try context.output()
    let results = output.reduce(1, *)
    let work = shape.reduce(2, *)
    try context.forEach("group_reduce", [results], work: work) {
      builder, place throws(Diagnostic) in
      let groups =
        try axes.map { axes throws(Diagnostic) in
          try AxisGroups(builder, shape, axes: axes, emptyMeansNone: form.emptyMeansNone)
        } ?? AxisGroups(shape, reduced: reduced ?? [])
      let position = groups.position(place[0])
      let (statements, value) = try compute(builder, groups.count) { body throws(Diagnostic) in
        try groups.visit(builder, position) { source throws(Diagnostic) in
          try body(builder.view(input).load(source).converted(to: state))
        }
      }
      let result = value.converted(to: input.element)
      return groups.statements + statements
        + (try sink.store(result, at: delinearize(place[0], output), builder))
    }
  }

  /// Gives dimensions of the result that depend on the axes their values.
  private func define(
    _ context: NodeLowering, _ output: [IndexExpr], _ shape: [IndexExpr], _ axes: Placed
  ) throws(Diagnostic) {
    for (number, dimension) in output.enumerated() where context.isUndefined(dimension) {
      try context.define(dimension) { builder throws(Diagnostic) in
        let flags = try AxisGroups.flags(builder, shape.count, axes, form.emptyMeansNone)
        if form.keepsDimensions {
          let extent = Expr.index(shape[number])
          return (flags.statements, .select(flags.values[number], .index(1), extent))
        }
        // The kept axis with that number among the kept ones.
        let (seen, extent) = (builder.registers("seen", .i64), builder.registers("extent", .i64))
        var statements: [Statement] = [
          .registers(seen, initial: .zero(.i64)), .registers(extent, initial: .integer(1, .i64)),
        ]
        for axis in shape.indices {
          let isKept = Expr.unary(.not, flags.values[axis])
          let isIt = Expr.binary(
            .and, isKept,
            .compare(.equal, .register(seen, []), .integer(Int64(number), .i64)))
          statements.append(
            .set(extent, [], .select(isIt, .index(shape[axis]), .register(extent, []))))
          statements.append(
            .set(seen, [], Expr.register(seen, []).plus(isKept.converted(to: .i64))))
        }
        return (flags.statements + statements, .register(extent, []))
      }
    }
  }
}
