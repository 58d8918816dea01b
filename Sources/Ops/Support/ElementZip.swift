import Diagnostics
import Tensors

extension Broadcasting {
  /// Combines two tensors element by element with multidirectional broadcasting.
  ///
  /// - Precondition: the element types are those of the function's arguments.
  /// - Throws: `shape.broadcast`, `shape.too-large`.
  static func zip<Function: PairFunction>(
    _ a: Tensor, _ b: Tensor, _ combine: Function
  ) throws(Diagnostic) -> Tensor {
    let target = try TensorRoom.checked(try shape(a.shape, b.shape))
    return a.withSpan(of: Function.First.self) { p in
      b.withSpan(of: Function.Second.self) { q in
        Tensor(of: Function.Output.self, shape: target) { result in
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
  ///
  /// - Throws: `shape.broadcast`, `shape.too-large`.
  static func zipFloats<Function: FloatPairFunction>(
    _ a: Tensor, _ b: Tensor, _ combine: Function
  ) throws(Diagnostic) -> Tensor {
    switch a.type {
    case .f32: try zip(a, b, RoundedPair<Function, Float>(function: combine))
    case .f64: try zip(a, b, RoundedPair<Function, Double>(function: combine))
    case .f16: try zip(a, b, RoundedPair<Function, Float16>(function: combine))
    default: try zip(a, b, RoundedPair<Function, BFloat16>(function: combine))
    }
  }
}
