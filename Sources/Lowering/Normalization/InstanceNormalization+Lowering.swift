package import Diagnostics
import Loops
package import Ops
import Tensors

extension InstanceNormalization: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    let channels = shape[1]
    for index in 1...2 { try context.require(index, [channels]) }
    if context.isBlocked(0), try context.element(0) == .f32, shape.count > 2 {
      let block = context.session.block
      return try BlockedNormalization(
        input: context.input(0, block: block), epsilon: epsilon,
        sink: context.output(block: block), scale: context.plain(1), shift: context.plain(2)
      ).lower(context, block: block)
    }
    let (input, scale, shift) = try (context.plain(0), context.plain(1), context.plain(2))
    // A row is one channel of one image.
    func perChannel(_ parameter: Placed) -> (KernelBuilder, IndexExpr, IndexExpr, Expr?) -> Expr {
      { builder, row, _, _ in builder.view(parameter).load([row.mod(channels)]) }
    }
    try RowNormalization(
      input: input, count: shape.dropFirst(2).reduce(1, *), epsilon: epsilon, isCentered: true,
      sink: context.output(), scale: perChannel(scale), shift: perChannel(shift)
    ).lower(context)
  }
}

extension GroupNormalization: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    let spatial = shape.dropFirst(2).reduce(1, *)
    let perGroup = shape[1].floorDiv(IndexExpr(groups))
    let (input, scale, shift) = try (context.plain(0), context.plain(1), context.plain(2))
    try context.require(0, axis: 1, divisibleBy: groups)
    let groups = IndexExpr(groups)
    for index in 1...2 where try context.shape(index) != [groups] {
      try context.require(index, [shape[1]])
    }
    // A row is one group of one image; parameters come one per channel, or (before opset 21) one per group.
    func perChannel(_ parameter: Placed) -> (KernelBuilder, IndexExpr, IndexExpr, Expr?) -> Expr {
      { builder, row, index, _ in
        let view = builder.view(parameter)
        let group = row.mod(groups)
        if parameter.shape == [groups], perGroup != 1 { return view.load([group]) }
        return view.load([group * perGroup + IndexExpr.min(index.floorDiv(spatial), perGroup - 1)])
      }
    }
    try RowNormalization(
      input: input, count: perGroup * spatial, epsilon: epsilon, isCentered: true,
      sink: context.output(), scale: perChannel(scale), shift: perChannel(shift)
    ).lower(context)
  }
}
