import Diagnostics
import Tensors

extension Broadcasting {
  /// Combines two tensors element by element with multidirectional broadcasting.
  ///
  /// Inlined into every caller, so that each operator gets its own loops over contiguous rows.
  ///
  /// - Precondition: the element types are those of `A` and `B`.
  /// - Throws: `shape.broadcast`, `shape.too-large`.
  @inline(__always)
  static func zip<A: TensorElement, B: TensorElement, R: TensorElement>(
    _ a: Tensor, _: A.Type, _ b: Tensor, _: B.Type, _ combine: (A, B) -> R
  ) throws(Diagnostic) -> Tensor {
    let target = try checked(try shape(a.shape, b.shape))
    return a.withSpan(of: A.self) { p in
      b.withSpan(of: B.self) { q in
        Tensor(of: R.self, shape: target) { result in
          var rows = BroadcastCursor([a.shape, b.shape], target: target)
          while rows.next() {
            let count = rows.rowLength
            let start = rows.start
            precondition(start >= 0 && count <= result.count - start)
            if rows.steps[0] == 0 {
              let x = p[rows.offsets[0]]
              let y = q.extracting(row(rows, 1))
              if y.count == 1 {
                let value = combine(x, y[0])
                for index in 0..<count { result[start &+ index] = value }
              } else {
                precondition(y.count == count)
                for index in 0..<count { result[start &+ index] = combine(x, y[index]) }
              }
            } else if rows.steps[1] == 0 {
              let x = p.extracting(row(rows, 0))
              let y = q[rows.offsets[1]]
              precondition(x.count == count)
              for index in 0..<count { result[start &+ index] = combine(x[index], y) }
            } else {
              let x = p.extracting(row(rows, 0))
              let y = q.extracting(row(rows, 1))
              precondition(x.count == count && y.count == count)
              for index in 0..<count { result[start &+ index] = combine(x[index], y[index]) }
            }
          }
        }
      }
    }
  }

  /// The elements of an operand that the current row reads.
  static func row(_ rows: BroadcastCursor, _ operand: Int) -> Range<Int> {
    let start = rows.offsets[operand]
    return start..<(start + (rows.steps[operand] == 0 ? 1 : rows.rowLength))
  }

  /// Combines two floating-point tensors of one type, computed in double and rounded once.
  @inline(__always)
  static func zipFloats(
    _ a: Tensor, _ b: Tensor, _ combine: (Double, Double) -> Double
  ) throws(Diagnostic) -> Tensor {
    switch a.type {
    case .f32:
      try zip(a, Float.self, b, Float.self) { Float(combine(Double($0), Double($1))) }
    case .f64: try zip(a, Double.self, b, Double.self) { combine($0, $1) }
    case .f16:
      try zip(a, Float16.self, b, Float16.self) { Float16(combine(Double($0), Double($1))) }
    default:
      try zip(a, BFloat16.self, b, BFloat16.self) {
        BFloat16(Float(combine(Double($0.float), Double($1.float))))
      }
    }
  }

  /// The shape, when a tensor of it can exist.
  ///
  /// - Throws: `shape.too-large` when a dimension is negative or the number of elements does not fit memory.
  static func checked(_ shape: [Int]) throws(Diagnostic) -> [Int] {
    guard let count = shape.checkedElementCount, count <= 1 << 36,
      shape.allSatisfy({ $0 < 1 << 48 })
    else {
      throw Diagnostic(
        "shape.too-large",
        "a tensor of shape \(shape) cannot be made: expected dimensions of at least 0 and at most 2^31 elements"
      )
    }
    return shape
  }
}
