package import Tensors

/// How a loop runs.
package enum LoopKind: Hashable, Sendable {
  /// One iteration after the other; never unrolled by the backend.
  case serial
  /// Expanded completely: bounds must be constants once enclosing unrolled loops are.
  case unrolled
  /// Iterations are independent and may run on different threads; outermost only.
  ///
  /// Directly nested parallel loops form one iteration space, claimed in chunks by threads.
  case parallel
  /// Iterations are independent and run `lanes` at a time, one in each lane of a vector.
  ///
  /// What remains of the extent runs with the surplus lanes switched off: they neither load nor store, and count
  /// as the neutral element in `reduceLanes`. Inside, control flow must be the same for all lanes.
  case vector(lanes: Int)
}

package struct Loop: Hashable, Sendable {
  package let variable: Symbol
  package let lower: IndexExpr
  /// Exclusive.
  package let upper: IndexExpr
  package let step: Int
  package let kind: LoopKind
  package let body: [Statement]

  package init(
    _ variable: Symbol, from lower: IndexExpr = 0, to upper: IndexExpr, step: Int = 1,
    _ kind: LoopKind = .serial, body: [Statement]
  ) {
    precondition(step > 0)
    self.variable = variable
    self.lower = lower
    self.upper = upper
    self.step = step
    self.kind = kind
    self.body = body
  }
}

package indirect enum Statement: Hashable, Sendable {
  case loop(Loop)
  /// Declares a register array for the statements that follow in the same body, holding `initial` everywhere.
  ///
  /// Declared inside a `vector` loop it holds one value per lane; outside, a single value.
  case registers(Registers, initial: Expr)
  case set(Registers, [IndexExpr], Expr)
  case `let`(Local, Expr)
  /// Makes a computed `i64` (or any integer, widened) usable in index expressions of the statements that follow.
  case bind(Symbol, Expr)
  /// Writes an element; where `condition` is false nothing is written.
  case store(Buffer, [IndexExpr], Expr)
  case storeIf(Expr, Buffer, [IndexExpr], Expr)
  /// Control flow that depends on data: the condition must be the same in all lanes.
  case `if`(Expr, then: [Statement], else: [Statement])
  case `while`(Expr, body: [Statement])
  /// Asks for the cache line of a position to be brought near; never faults.
  case prefetch(Buffer, [IndexExpr])
  /// Work on matrix registers, outside of `vector` loops.
  case tile(TileStatement)
  case comment(String)
}

/// A function from buffers to buffers: the unit that is compiled, shared and launched.
///
/// Its machine form is `void kernel(void *const *buffers, const int64_t *values, int64_t begin, int64_t end, void *scratch)`:
/// `begin..<end` is the part of the flattened parallel iteration space that this call runs (`0..<1` where there is none).
package struct Kernel: Hashable, Sendable {
  package let name: String
  /// One per buffer parameter: the whole of what may be touched through it.
  ///
  /// Different parameters never overlap: a kernel that works in place has one parameter with a buffer for reading and
  /// another for writing. A base pointer is a multiple of its buffer's alignment: machine code may rely on it.
  package let parameters: [Parameter]
  /// Integers given at run time (symbolic dimensions), usable in every index expression.
  package let values: [Symbol]
  /// Bytes of private memory that one call needs.
  package let scratchByteCount: Int
  package let body: [Statement]

  package struct Parameter: Hashable, Sendable {
    package let buffer: Buffer
    package let isWritten: Bool

    package init(_ buffer: Buffer, isWritten: Bool) {
      self.buffer = buffer
      self.isWritten = isWritten
    }
  }

  package init(
    name: String, parameters: [Parameter], values: [Symbol] = [], scratchByteCount: Int = 0,
    body: [Statement]
  ) {
    self.name = name
    self.parameters = parameters
    self.values = values
    self.scratchByteCount = scratchByteCount
    self.body = body
  }

  /// The loops that threads share, outermost first: the chain of `parallel` loops at the top of the body.
  package var parallelLoops: [Loop] {
    var loops: [Loop] = []
    var body = self.body
    while body.count == 1, case .loop(let loop) = body[0], loop.kind == .parallel {
      loops.append(loop)
      body = loop.body
    }
    return loops
  }

  /// How many iterations the parallel loops have together: 1 where there are none.
  package var parallelCount: IndexExpr {
    parallelLoops.reduce(1) { $0 * ($1.upper - $1.lower).ceilDiv(IndexExpr($1.step)) }
  }
}
