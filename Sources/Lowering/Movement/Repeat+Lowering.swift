package import Diagnostics
import Loops
package import Ops
import Tensors

extension Expand: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let input = try context.plain(0)
    let shape = try context.outputShape()
    try context.requireBroadcast(0, to: shape)
    if let wanted = context.contents(1) {
      for (axis, size) in wanted.enumerated() {
        try context.require(
          "element \(axis) of the wanted shape", size, .equalOrOne,
          shape[axis + shape.count - wanted.count])
      }
    }
    try Movement.lower(context, into: context.output()) { builder, position in
      builder.view(input).loadBroadcast(position, of: shape)
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
