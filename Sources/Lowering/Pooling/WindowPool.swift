import Diagnostics
import Loops
import Ops
import Tensors

/// A pool over sliding windows: lanes hold channels of a blocked tensor, or neighbouring columns of rows; all taps of a
/// window are unrolled.
struct WindowPool {
  enum Kind {
    /// Positions outside are pulled to the edge, which a window that reaches outside holds anyway; in the type of the
    /// input.
    case max
    /// Outside lie zeros; the divisor counts what the standard counts.
    case average(countIncludePad: Bool)
  }

  let kind: Kind
  let axes: [WindowAxis]
  let kernel: [Int]
  let input: Placed
  let sink: Sink

  func lower(_ context: NodeLowering) throws(Diagnostic) {
    let builder = context.builder()
    let x = builder.view(input)
    let body = try Nest.over(sink.placed, builder) { position throws(Diagnostic) in
      let place = Array(position.dropFirst(2))
      let value = builder.registers("pool", initial.type)
      var body: [Statement] = [.registers(value, initial: initial)]
      body += try Nest.axes(kernel.map { IndexExpr($0) }, .unrolled, builder) { taps in
        let load = x.load(Array(position.prefix(2)) + inputPosition(place, taps))
        let next = Expr.binary(operation, .register(value, []), load)
        return [.set(value, [], next)]
      }
      var result = Expr.register(value, [])
      if case .average(let countIncludePad) = kind {
        result = .binary(.div, result, divisor(place, countIncludePad))
      }
      return body + (try sink.store(result, at: position, builder))
    }
    let work = sink.shape.reduce(IndexExpr(kernel.elementCount), *)
    context.launch(
      "pool", builder, body, work: work,
      note: "lanes hold \(sink.layout.block == nil ? "columns" : "channels"), windows are unrolled")
  }

  private var initial: Expr {
    guard case .max = kind else { return .float(0, .f32) }
    return .lowest(input.element)
  }

  private var operation: BinaryOp {
    if case .max = kind { return .max }
    return .add
  }

  private func inputPosition(_ place: [IndexExpr], _ taps: [IndexExpr]) -> [IndexExpr] {
    zip(axes, zip(place, taps)).map { axis, pair in
      let at =
        pair.0 * IndexExpr(axis.stride) - axis.padBegin + pair.1 * IndexExpr(axis.dilation)
      if case .average = kind { return at }
      return .max(0, .min(axis.input - 1, at))
    }
  }

  /// How many taps count: those inside the input, or inside the input and its padding.
  private func divisor(_ place: [IndexExpr], _ countIncludePad: Bool) -> Expr {
    var count = IndexExpr(1)
    for (axis, index) in zip(axes, place) {
      let start = index * IndexExpr(axis.stride) - axis.padBegin
      let end = start + axis.kernel
      let inside =
        countIncludePad
        ? IndexExpr.min(end, axis.input + axis.padEnd) - start
        : IndexExpr.min(end, axis.input) - IndexExpr.max(start, 0)
      count = count * inside
    }
    if let number = count.value { return .float(Double(number), .f32) }
    return .convert(.index(count), .f32, .plain)
  }
}

extension Expr {
  /// What no maximum of a type's numbers lies below.
  static func lowest(_ type: ElementType) -> Expr {
    type.isFloat ? .float(-.infinity, type) : .integer(type.smallest, type)
  }
}
