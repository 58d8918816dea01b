package import Diagnostics
import Tensors

/// Runs a kernel slowly and by the letter: what compiled kernels are held against.
///
/// The lanes of a vector loop run in step, one value after the other; those beyond the extent are switched off. Every
/// access is checked against the memory it goes to, and every rule that needs a value to be the same in all lanes is
/// checked where it applies.
package struct LoopInterpreter {
  let kernel: Kernel
  /// The bytes behind each buffer parameter.
  package internal(set) var parameters: [[UInt8]]
  var scratch: [UInt8]
  var scope = InterpreterScope()
  /// Register arrays by name: the values of every element.
  var files: [String: [[Number]]] = [:]
  /// The bytes of the matrix registers; nil before anything is put into them.
  var tiles = Self.emptyTiles

  /// - Parameters:
  ///   - parameters: the bytes behind each buffer parameter; read them back after the run.
  ///   - values: one integer for each value parameter.
  package init(_ kernel: Kernel, parameters: [[UInt8]], values: [Int] = []) {
    self.kernel = kernel
    self.parameters = parameters
    // Memory that nobody wrote reads as NaN.
    scratch = Array(repeating: 0xff, count: kernel.scratchByteCount)
    for (symbol, value) in zip(kernel.values, values) { scope.symbols[symbol] = [value] }
  }

  /// Runs a part of the parallel iteration space; all of it by default.
  ///
  /// - Throws: `loops.out-of-bounds` and other internal diagnostics that name the kernel, the buffer and the position.
  package mutating func run(_ range: Range<Int>? = nil) throws(Diagnostic) {
    let loops = kernel.parallelLoops
    guard let innermost = loops.last else {
      try run(kernel.body)
      return
    }
    var bounds: [(lower: Int, count: Int)] = []
    for loop in loops {
      let lower = try index(loop.lower, lane: 0)
      let upper = try index(loop.upper, lane: 0)
      bounds.append((lower, max(0, (upper - lower + loop.step - 1) / loop.step)))
    }
    let whole = 0..<bounds.reduce(1) { $0 * $1.count }
    for iteration in range ?? whole {
      var rest = iteration
      for (loop, bound) in zip(loops, bounds).reversed() {
        scope.symbols[loop.variable] = [bound.lower + rest % bound.count * loop.step]
        rest /= bound.count
      }
      tiles = Self.emptyTiles
      try run(innermost.body)
    }
  }

  // MARK: Memory

  /// The bits of an element, which must lie inside the memory of the buffer.
  func read(_ buffer: Buffer, _ position: [IndexExpr], lane: Int) throws(Diagnostic) -> Number {
    let (start, count) = try place(buffer, position, lane: lane)
    var bits: UInt64 = 0
    for byte in 0..<count {
      let value =
        switch buffer.base {
        case .parameter(let number): parameters[number][start + byte]
        case .scratch: scratch[start + byte]
        }
      bits |= UInt64(value) << UInt64(8 * byte)
    }
    return buffer.element.decode(bits)
  }

  mutating func write(
    _ value: Number, _ buffer: Buffer, _ position: [IndexExpr], lane: Int
  ) throws(Diagnostic) {
    let (start, count) = try place(buffer, position, lane: lane)
    let bits = buffer.element.encode(value)
    for byte in 0..<count {
      let part = UInt8(truncatingIfNeeded: bits >> UInt64(8 * byte))
      switch buffer.base {
      case .parameter(let number):
        guard kernel.parameters[number].isWritten else {
          throw broken("loops.write-to-input", "'\(buffer.name)' is written but declared read-only")
        }
        parameters[number][start + byte] = part
      case .scratch: scratch[start + byte] = part
      }
    }
  }

  private func place(
    _ buffer: Buffer, _ position: [IndexExpr], lane: Int
  ) throws(Diagnostic) -> (start: Int, byteCount: Int) {
    guard buffer.element.isComputable else {
      throw broken("loops.invalid-type", "no access to elements of type \(buffer.element)")
    }
    let width = buffer.element.bitWidth / 8
    let linear = try index(buffer.linear(position), lane: lane)
    let range = try range(of: buffer, linear, byteCount: width) { () throws(Diagnostic) in
      var found: [String] = []
      for axis in position { found.append(String(try index(axis, lane: lane))) }
      return "[\(found.joined(separator: ", "))] is element \(linear)"
    }
    return (range.lowerBound, width)
  }

  /// The bytes that begin with an element, which must lie inside the memory that the buffer is in.
  ///
  /// - Parameters:
  ///   - linear: the distance of the element from the base pointer.
  ///   - place: where that is, for the message.
  func range(
    of buffer: Buffer, _ linear: Int, byteCount: Int, _ place: () throws(Diagnostic) -> String
  ) throws(Diagnostic) -> Range<Int> {
    let (base, limit): (Int, Int)
    switch buffer.base {
    case .parameter(let number):
      guard parameters.indices.contains(number) else {
        throw broken("loops.unknown-parameter", "'\(buffer.name)' is parameter \(number)")
      }
      (base, limit) = (0, parameters[number].count)
    case .scratch(let byteOffset): (base, limit) = (byteOffset, scratch.count)
    }
    let start = base + linear * buffer.element.bitWidth / 8
    guard start >= base, start + byteCount <= limit else {
      throw broken(
        "loops.out-of-bounds",
        "'\(buffer.name)'\(try place()), bytes \(start)..<\(start + byteCount) of \(limit)")
    }
    return start..<start + byteCount
  }

  func broken(_ id: String, _ message: String) -> Diagnostic {
    .internal(id, "kernel '\(kernel.name)': \(message)")
  }
}

/// What names stand for at one place: one value, or one per lane.
struct InterpreterScope {
  var symbols: [Symbol: [Int]] = [:]
  var locals: [Local: [Number]] = [:]
  var lanes: InterpreterLanes?
}

/// The vector loop that is running.
struct InterpreterLanes {
  let count: Int
  let isOn: [Bool]
}
