import Tensors

extension Expr: CustomStringConvertible {
  /// The expression as the textual form of kernels shows it, such as `add(%x[i, 3], f32(0.5))`.
  package var description: String {
    switch self {
    case .float(let value, let type): "\(type)(\(value))"
    case .integer(let value, let type): "\(type)(\(value))"
    case .index(let index): "index(\(index))"
    case .load(let buffer, let position): "%\(buffer.name)\(position.positionText)"
    case .loadIf(let condition, let buffer, let position, let otherwise):
      "loadIf(\(condition), %\(buffer.name)\(position.positionText), \(otherwise))"
    case .register(let registers, let position): "%\(registers.name)\(position.positionText)"
    case .local(let local): "%\(local.name)"
    case .unary(let op, let a): "\(op.rawValue)(\(a))"
    case .binary(let op, let a, let b): "\(op.rawValue)(\(a), \(b))"
    case .fma(let a, let b, let c): "fma(\(a), \(b), \(c))"
    case .compare(let comparison, let a, let b): "\(comparison.rawValue)(\(a), \(b))"
    case .select(let condition, let a, let b): "select(\(condition), \(a), \(b))"
    case .convert(let a, let type, .plain): "convert<\(type)>(\(a))"
    case .convert(let a, let type, .saturating): "saturate<\(type)>(\(a))"
    case .bitcast(let a, let type): "bitcast<\(type)>(\(a))"
    case .quantize(let a, let zeroPoint, let type): "quantize<\(type), \(zeroPoint)>(\(a))"
    case .bytes(let a, let b, let c, let d): "bytes(\(a), \(b), \(c), \(d))"
    case .dot4(let a, let aSigned, let b, let bSigned, let c):
      "dot4<\(aSigned ? "i8" : "u8"), \(bSigned ? "i8" : "u8")>(\(a), \(b), \(c))"
    case .dotPairs(let a, let b, let c): "dot2<bf16>(\(a), \(b), \(c))"
    case .dotShorts(let a, let b, let c): "dot2<i16>(\(a), \(b), \(c))"
    case .lookup(let table, let a): "lookup<\(table)>(\(a))"
    case .reduceLanes(let reduction, let a): "reduceLanes<\(reduction.rawValue)>(\(a))"
    }
  }
}

extension [IndexExpr] {
  /// A position in brackets.
  var positionText: String { "[" + map(\.description).joined(separator: ", ") + "]" }
}
