package import Diagnostics
package import Loops
package import Tensors

/// Runs a whole program on the loop interpreter: every access is checked, and memory that nobody wrote reads as NaN.
package struct ProgramRunner {
  private let program: Program
  private var symbols: [Symbol: Int] = [:]
  private var memories: [[UInt8]] = []

  private init(_ program: Program) { self.program = program }

  /// The outputs for inputs in the order of the program's.
  ///
  /// - Throws: `run.failed` when sizes do not fit each other, `loops.out-of-bounds` and whatever else the loop interpreter finds.
  package static func run(
    _ program: Program, _ inputs: [Tensor]
  ) throws(Diagnostic) -> [Tensor] {
    var runner = ProgramRunner(program)
    runner.bind(inputs)
    for memory in program.buffers { runner.memories.append(try runner.bytes(of: memory, inputs)) }
    for (number, step) in program.steps.enumerated() {
      for check in program.checks where check.step == number { try runner.compare(check) }
      try runner.run(step)
    }
    return try runner.outputs()
  }

  /// - Throws: `run.failed` when two sizes do not fit.
  private func compare(_ check: Program.Check) throws(Diagnostic) {
    let size = try number(check.size, check.subject)
    let expected = try number(check.expected, check.subject)
    let fits =
      switch check.relation {
      case .equal: size == expected
      case .equalOrOne: size == expected || size == 1
      case .atMost: size <= expected
      }
    if fits { return }
    throw Diagnostic(
      "run.failed", "node '\(check.label)': \(check.subject) is \(size), expected \(expected)")
  }

  private mutating func bind(_ inputs: [Tensor]) {
    for (port, tensor) in zip(program.inputs, inputs) {
      for (dimension, size) in zip(port.shape, tensor.shape) {
        if let symbol = dimension.asSymbol { symbols[symbol] = size }
      }
    }
  }

  private func number(_ expression: IndexExpr, _ what: String) throws(Diagnostic) -> Int {
    guard let value = expression.evaluate({ symbols[$0] }) else {
      throw .internal("test.open-size", "\(what) is \(expression), which is not known here")
    }
    return value
  }

  /// What a memory holds before the first step; sizes that a step defines are not known yet.
  private func bytes(
    of memory: Program.Memory, _ inputs: [Tensor]
  ) throws(Diagnostic) -> [UInt8] {
    switch memory.kind {
    case .input(let index): return inputs[index].withBytes { [UInt8]($0) }
    case .constant(let offset):
      // An empty constant starts where the next one does.
      let entry = program.constants.entries.first {
        $0.offset == offset && $0.tensor.byteCount == memory.byteCount.value
      }
      return entry?.tensor.withBytes { [UInt8]($0) } ?? []
    case .part: return []
    case .output, .arena:
      return memory.byteCount.evaluate { symbols[$0] }.map { Self.unwritten($0) } ?? []
    }
  }

  private static func unwritten(_ byteCount: Int) -> [UInt8] {
    Array(repeating: 0xff, count: max(0, byteCount))
  }

  /// Where a memory's bytes begin: in itself, or in the memory that it is a part of.
  private func place(of number: Int) -> (memory: Int, offset: Int) {
    guard case .part(let whole, let offset) = program.buffers[number].kind else {
      return (number, 0)
    }
    return (whole, offset)
  }

  private func contents(of number: Int) -> [UInt8] {
    let (memory, offset) = place(of: number)
    let count = memory == number ? memories[memory].count : program.buffers[number].byteCount.value
    return Array(memories[memory][offset...].prefix(count ?? 0))
  }

  private mutating func run(_ step: Program.Step) throws(Diagnostic) {
    for index in step.buffers.map({ place(of: $0).memory }) where memories[index].isEmpty {
      let memory = program.buffers[index]
      memories[index] = Self.unwritten(try number(memory.byteCount, "size of '\(memory.name)'"))
    }
    let kernel = program.kernels[step.kernel]
    var values: [Int] = []
    for value in step.values { values.append(try number(value, "value of '\(step.label)'")) }
    var interpreter = LoopInterpreter(
      kernel, parameters: step.buffers.map { contents(of: $0) }, values: values)
    do throws(Diagnostic) {
      try interpreter.run()
    } catch {
      var noted = error
      noted.notes.append("in step '\(step.label)'")
      throw noted
    }
    for (number, index) in step.buffers.enumerated() where kernel.parameters[number].isWritten {
      let (memory, offset) = place(of: index)
      let written = interpreter.parameters[number]
      memories[memory].replaceSubrange(offset..<offset + written.count, with: written)
    }
    if let symbol = step.defines, let last = step.buffers.last {
      let bits = memories[last].prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      symbols[symbol] = Int(Int64(bitPattern: bits))
    }
  }

  private func outputs() throws(Diagnostic) -> [Tensor] {
    var results: [Tensor] = []
    for (index, port) in program.outputs.enumerated() {
      let place = program.buffers.firstIndex { $0.kind == .output(index) }
      var shape: [Int] = []
      for dimension in port.shape {
        shape.append(try number(dimension, "dimension of '\(port.name)'"))
      }
      let bytes = place.map { memories[$0] } ?? []
      results.append(
        Tensor(type: port.element, shape: shape) { destination in
          bytes.withUnsafeBytes { source in
            destination.copyMemory(
              from: UnsafeRawBufferPointer(rebasing: source.prefix(destination.count)))
          }
        })
    }
    return results
  }
}
