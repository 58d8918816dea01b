import Diagnostics
import Loops
import Tensors

/// Writes a tensor of a small type: whole bytes, each with all of its elements.
enum SmallWriter {
  /// - Parameter code: the code of the element at a position, as an `i32`; bits above its width do not count.
  /// - Throws: `lowering.element-type` where elementwise operators have been fused behind the result.
  static func write(
    _ context: NodeLowering, into sink: Sink,
    _ code: (KernelBuilder, [IndexExpr]) throws(Diagnostic) -> (
      statements: [Statement], value: Expr
    )
  ) throws(Diagnostic) {
    let element = sink.placed.element
    guard sink.isDirect, element.isSmall else {
      throw .unsupported(
        "lowering.element-type", "operators fused behind a small type have no native code yet")
    }
    let builder = context.builder()
    let bytes = sink.placed.smallBytes
    let perByte = element.elementsPerByte
    let count = sink.shape.reduce(1, *)
    let body = try Nest.over(bytes, builder) { place throws(Diagnostic) in
      var statements: [Statement] = []
      var byte: Expr?
      for number in 0..<perByte {
        let linear = place[0] * IndexExpr(perByte) + IndexExpr(number)
        // The last byte may have room for more elements than there are.
        let isSurplus = perByte > 1 && (count.value ?? 1) % perByte != 0 || !count.isConstant
        let inside = isSurplus && perByte > 1 ? IndexExpr.min(linear, count - 1) : linear
        let (prelude, value) = try code(builder, delinearize(inside, sink.shape))
        statements += prelude
        var bits = Expr.binary(.and, value, .integer(Int64((1 << element.bitWidth) - 1), .i32))
        if isSurplus, perByte > 1 {
          bits = .select(.compare(.less, .index(linear), .index(count)), bits, .zero(.i32))
        }
        let shift = Expr.integer(Int64(number * element.bitWidth), .i32)
        let part = builder.local("part", .i32)
        statements.append(.let(part, number == 0 ? bits : .binary(.shiftLeft, bits, shift)))
        byte = byte.map { .binary(.or, $0, .local(part)) } ?? .local(part)
      }
      let result = (byte ?? .zero(.i32)).converted(to: .u8)
      return statements + [builder.view(bytes, isWritten: true).store(result, at: place)]
    }
    context.launch("pack", builder, body, work: count * 16)
  }
}
