package import Diagnostics
import Loops
package import Ops
import Tensors

extension FeatureVectorizer: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    var shapes: [[IndexExpr]] = []
    for index in 0..<context.inputCount { shapes.append(try context.shape(index)) }
    let widths = try columnWidths(shapes)
    let sink = try context.output()
    for (index, shape) in shapes.enumerated() where shape.count == 2 {
      try context.require(index, axis: 0, .equal, sink.shape[0])
    }
    var start = IndexExpr(0)
    for (index, width) in widths.enumerated() {
      let columns = shapes[index][shapes[index].count - 1]
      let table = try context.plain(index).reshaped(to: [sink.shape[0], columns])
      let builder = context.builder()
      let x = builder.view(table)
      let lanes = context.target.lanes(.f32)
      let body = try builder.loop("i", sink.shape[0], .parallel) { row throws(Diagnostic) in
        try builder.loop("j", width, .vector(lanes: lanes)) { column throws(Diagnostic) in
          let isGiven = Expr.compare(.less, .index(column), .index(columns))
          let value = x.load([row, column], when: isGiven, otherwise: .zero(table.element))
          return try sink.store(value.converted(to: .f32), at: [row, start + column], builder)
        }
      }
      context.launch("features", builder, body, work: sink.shape[0] * width)
      start += width
    }
  }
}
