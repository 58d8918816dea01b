import Diagnostics
import Loops
import Tensors

extension ElementType {
  /// Whether kernels have no values of the type: 8-bit floats, and types of which a byte holds several elements.
  var isSmall: Bool { isSmallFloat || (bitWidth > 0 && bitWidth < 8) }

  /// Whether kernels have values of the type.
  var isRegisterType: Bool { !isSmall && !isComplex && self != .string }

  /// How many elements a byte holds.
  var elementsPerByte: Int { bitWidth < 8 ? 8 / max(1, bitWidth) : 1 }
}

extension Placed {
  /// The bytes behind a tensor of a type that kernels have no values of, in row-major order.
  var smallBytes: Placed {
    let elements = shape.reduce(1, *)
    let count =
      element.bitWidth < 8
      ? elements.ceilDiv(IndexExpr(element.elementsPerByte))
      : elements * IndexExpr(element.bitWidth / 8)
    return Placed(memory: memory, element: .u8, shape: [count], layout: .plain)
  }
}

/// Reads elements of any type, those of small types as the numbers that their codes stand for.
struct SmallReader {
  private let placed: Placed
  /// The `f32` value of every code of a floating-point type.
  private let values: Placed?

  init(_ placed: Placed, _ context: NodeLowering) {
    self.placed = placed
    guard placed.element.isSmallFloat else {
      values = nil
      return
    }
    let codes = (0..<1 << placed.element.bitWidth).map { UInt8($0) }
    let tensor = Tensor(codes: codes, shape: [codes.count], type: placed.element)
    values = context.packed(Tensor(tensor.doubles.map { Float($0) }, shape: [codes.count]))
  }

  /// The element's value: `f32` for small floats, `i32` for small integers, else of the element's own type.
  func load(
    _ builder: KernelBuilder, _ position: [IndexExpr]
  ) -> (statements: [Statement], value: Expr) {
    let element = placed.element
    guard element.isSmall else { return ([], builder.view(placed).load(position)) }
    var linear = IndexExpr(0)
    for (index, extent) in zip(position, placed.shape) { linear = linear * extent + index }
    let perByte = IndexExpr(element.elementsPerByte)
    let byte = builder.view(placed.smallBytes).load([linear.floorDiv(perByte)])
    let code = builder.local("code", .i32)
    var bits = byte.converted(to: .i32)
    if element.bitWidth < 8 {
      let shift = Expr.index(linear.mod(perByte) * IndexExpr(element.bitWidth))
      bits = .binary(
        .and, .binary(.shiftRight, bits, shift.converted(to: .i32)),
        .integer(Int64((1 << element.bitWidth) - 1), .i32))
    }
    let load = Statement.let(code, bits)
    if let values {
      let symbol = builder.computedIndex(
        "code", minimum: 0, maximum: (1 << element.bitWidth) - 1)
      return (
        [load, .bind(symbol, .local(code))], builder.view(values).load([IndexExpr(symbol)])
      )
    }
    guard element.isSignedInteger else { return ([load], .local(code)) }
    let half = Double(1 << (element.bitWidth - 1))
    return (
      [load],
      .select(
        .compare(.less, .local(code), .constant(half, .i32)), .local(code),
        Expr.local(code).minus(2 * half))
    )
  }
}
