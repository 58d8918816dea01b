package import Diagnostics
import Loops
package import Ops
import Tensors

extension Expand: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let input = try context.plain(0)
    let shape = try context.outputShape()
    try Movement.lower(context, into: context.output()) { builder, position in
      // A symbolic extent that the other shape stretches cannot be told from one that it does not.
      let missing = shape.count - input.shape.count
      let source = input.shape.indices.map { axis in
        let extent = input.shape[axis]
        if extent == 1 { return IndexExpr(0) }
        if extent == shape[axis + missing] { return position[axis + missing] }
        return .min(position[axis + missing], extent - 1)
      }
      return builder.view(input).load(source)
    }
  }
}

extension Tile: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let input = try context.plain(0)
    let shape = try context.outputShape()
    try Movement.lower(context, into: context.output()) { builder, position in
      let source = position.indices.map { axis in
        input.shape[axis] == shape[axis] ? position[axis] : position[axis].mod(input.shape[axis])
      }
      return builder.view(input).load(source)
    }
  }
}
