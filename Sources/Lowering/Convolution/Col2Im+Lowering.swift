package import Diagnostics
import Loops
package import Ops
import Tensors

extension Col2Im: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let x = try context.plain(0)
    let shape = try context.outputShape()
    let rank = shape.count - 2
    let blockShape = try context.vector(2, count: rank)
    guard window.autoPad == .notSet else {
      throw .unsupported(
        "lowering.auto-pad", "Col2Im with automatic padding has no native code yet")
    }
    let strides = try window.strides(rank: rank)
    let dilations = try window.dilations(rank: rank)
    let pads = try window.pads(rank: rank)
    try define(context, shape, x, blockShape)
    let sink = try context.output()
    let element = x.element
    let state: ElementType =
      element == .f16 || element == .bf16 ? .f32 : element == .bool ? .i32 : element
    try context.forEach("col2im", sink.shape) { builder, position throws(Diagnostic) in
      var statements: [Statement] = []
      var block: [IndexExpr] = []
      for axis in 0..<rank {
        // At least one element, and no more than there are rows.
        let extent = builder.computedIndex("block", minimum: 1, maximum: nil)
        let load = builder.view(blockShape).load([IndexExpr(axis)]).converted(to: .i64)
        statements.append(
          .bind(extent, Expr.binary(.min, load, .index(x.shape[1])).atLeast(1)))
        block.append(IndexExpr(extent))
      }
      let counts = (0..<rank).map { axis in
        let span = (block[axis] - 1) * IndexExpr(dilations[axis]) + 1
        let free = shape[axis + 2] + IndexExpr(pads[axis] + pads[rank + axis]) - span
        return IndexExpr.max(0, free.floorDiv(IndexExpr(strides[axis])) + 1)
      }
      let sum = builder.registers("sum", state)
      let loops = try Nest.axes(block, .serial, builder) { taps in
        var (row, column) = (position[1], IndexExpr(0))
        var isInside = Expr.integer(1, .bool)
        for axis in 0..<rank {
          let shifted =
            position[axis + 2] + IndexExpr(pads[axis]) - taps[axis] * IndexExpr(dilations[axis])
          let step = IndexExpr(strides[axis])
          let at = shifted.floorDiv(step)
          for condition: Expr in [
            .compare(.greaterOrEqual, .index(shifted), .zero(.i64)),
            .compare(.less, .index(at), .index(counts[axis])),
            .compare(.equal, .index(shifted.mod(step)), .zero(.i64)),
          ] { isInside = .binary(.and, isInside, condition) }
          row = row * block[axis] + taps[axis]
          column = column * counts[axis] + at
        }
        for condition: Expr in [
          .compare(.less, .index(row), .index(x.shape[1])),
          .compare(.less, .index(column), .index(x.shape[2])),
        ] { isInside = .binary(.and, isInside, condition) }
        let load = builder.view(x).load(
          [position[0], row, column], when: isInside, otherwise: .zero(element))
        return [.set(sum, [], Expr.register(sum, []).plus(load.converted(to: state)))]
      }
      let result = Expr.register(sum, []).converted(to: element)
      return statements + [.registers(sum, initial: .zero(state))] + loops
        + (try sink.store(result, at: position, builder))
    }
  }

  /// Gives dimensions of the result that inputs decide their values.
  private func define(
    _ context: NodeLowering, _ shape: [IndexExpr], _ x: Placed, _ block: Placed
  ) throws(Diagnostic) {
    if shape.dropFirst(2).contains(where: { context.isUndefined($0) }) {
      let image = try context.vector(1, count: shape.count - 2)
      for (axis, extent) in shape.dropFirst(2).enumerated() {
        try context.define(extent) { builder in
          ([], builder.view(image).load([IndexExpr(axis)]).converted(to: .i64))
        }
      }
    }
    try context.define(shape[1]) { builder in
      var channels = Expr.index(x.shape[1])
      for axis in 0..<shape.count - 2 {
        let extent = builder.view(block).load([IndexExpr(axis)]).converted(to: .i64)
        channels = channels.divided(by: extent.atLeast(1))
      }
      return ([], channels)
    }
  }
}
