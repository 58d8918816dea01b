package import Diagnostics
import Loops
package import Ops
import Tensors

extension DepthToSpace: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let input = try context.plain(0)
    try context.require(0, axis: 1, divisibleBy: block * block)
    let channels = try context.outputShape()[1]
    let side = IndexExpr(block)
    let mode = mode
    try Movement.lower(context, into: context.output()) { builder, position in
      let (row, column) = (position[2].mod(side), position[3].mod(side))
      let depth: IndexExpr =
        switch mode {
        case .depthColumnRow: (row * side + column) * channels + position[1]
        case .columnRowDepth: (position[1] * side + row) * side + column
        }
      return builder.view(input).load([
        position[0], depth, position[2].floorDiv(side), position[3].floorDiv(side),
      ])
    }
  }
}

extension SpaceToDepth: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let input = try context.plain(0)
    for axis in 2...3 { try context.require(0, axis: axis, divisibleBy: block) }
    let channels = try context.shape(0)[1]
    let side = IndexExpr(block)
    let mode = mode
    try Movement.lower(context, into: context.output()) { builder, position in
      let depth = position[1]
      let (channel, place): (IndexExpr, IndexExpr) =
        switch mode {
        case .depthColumnRow: (depth.mod(channels), depth.floorDiv(channels))
        case .columnRowDepth: (depth.floorDiv(side * side), depth.mod(side * side))
        }
      return builder.view(input).load([
        position[0], channel, position[2] * side + place.floorDiv(side),
        position[3] * side + place.mod(side),
      ])
    }
  }
}
