package import Diagnostics
package import IR
import Loops
package import Ops
import Tensors

/// An elementwise operator with kernels of its own for types that registers do not hold.
package protocol SmallTypeLowerable: Op {
  func lowerSmall(_ context: NodeLowering) throws(Diagnostic)
}

extension Cast: SmallTypeLowerable {
  package func lowerSmall(_ context: NodeLowering) throws(Diagnostic) {
    try rules.lowerSmall(context)
  }
}

extension CastLike: SmallTypeLowerable {
  package func lowerSmall(_ context: NodeLowering) throws(Diagnostic) {
    try rules(to: context.outputElement()).lowerSmall(context)
  }
}

extension Ops.Conversion {
  func lowerSmall(_ context: NodeLowering) throws(Diagnostic) {
    let input = try context.plain(0)
    let reader = SmallReader(input, context)
    let sink = try context.output()
    if input.element == target {
      // The same bytes, whatever they mean.
      let (from, to) = (input.smallBytes, sink.placed.smallBytes)
      return try Movement.lower(context, into: Sink(placed: to, epilogue: nil)) {
        builder, position in builder.view(from).load(position)
      }
    }
    if target.isSmallFloat {
      let encoder = try SmallFloatEncoder(self, context)
      return try SmallWriter.write(context, into: sink) { builder, position in
        let (load, value) = reader.load(builder, position)
        let (statements, code) = encoder.code(builder, value.converted(to: .f64))
        return (load + statements, code)
      }
    }
    if target.isSmall {
      return try SmallWriter.write(context, into: sink) { builder, position in
        let (load, value) = reader.load(builder, position)
        return (load, value.converted(to: .i64).converted(to: .i32))
      }
    }
    try Movement.lower(context, into: sink) { builder, position in
      let (load, value) = reader.load(builder, position)
      return (load, value.converted(to: target))
    }
  }
}
