import Diagnostics
import Loops
import Tensors

/// A batch of matrix products of any type and size: one element of the result in each lane.
struct DirectProduct {
  let batch: [IndexExpr]
  let rows: IndexExpr
  let depth: IndexExpr
  let columns: IndexExpr
  let element: ElementType
  let left: (KernelBuilder) -> (_ batch: [IndexExpr], _ m: IndexExpr, _ k: IndexExpr) -> Expr
  let right: (KernelBuilder) -> (_ batch: [IndexExpr], _ k: IndexExpr, _ n: IndexExpr) -> Expr
  let finish:
    (
      KernelBuilder, _ batch: [IndexExpr], _ m: IndexExpr, _ n: IndexExpr, Expr
    ) throws(Diagnostic) -> [Statement]

  func lower(_ context: NodeLowering) throws(Diagnostic) {
    let builder = context.builder()
    let (load, weight) = (left(builder), right(builder))
    let sumType: ElementType = element == .f16 || element == .bf16 ? .f32 : element
    let lanes = LoopKind.vector(lanes: context.target.lanes(.f32))
    let body = try Nest.axes(batch + [rows], .parallel, builder) { outer throws(Diagnostic) in
      let place = Array(outer.dropLast())
      let m = outer[outer.count - 1]
      return try builder.loop("n", columns, lanes) { n throws(Diagnostic) in
        let sum = builder.registers("sum", sumType)
        let loop = try builder.loop("k", depth) { k in
          let product = Expr.fma(
            .convert(load(place, m, k), sumType, .plain),
            .convert(weight(place, k, n), sumType, .plain), .register(sum, []))
          return [.set(sum, [], product)]
        }
        return [.registers(sum, initial: .zero(sumType))] + loop
          + (try finish(
            builder, place, m, n, .convert(.register(sum, []), element, .plain)))
      }
    }
    let work = (batch + [rows, depth, columns]).reduce(1, *)
    context.launch(
      "direct_product", builder, body, work: work,
      note: "no register tiles: not f32, or columns of open number")
  }
}
