package import Diagnostics
package import Loops
import Tensors

/// Programs that do one thing as fast as the machine can, through the same loops and back end as any model: what the
/// times of a model's steps are held against.
package struct LimitPrograms {
  let target: Target
  /// Threads that run them.
  let threads: Int

  /// Sums that a task keeps at a time: more than enough to hide the latency of two units, few enough for 16 registers.
  private static let chains = 12

  package init(for target: Target, threads: Int) {
    self.target = target
    self.threads = threads
  }

  /// A program and the step of it that counts.
  package struct Measured: Sendable {
    package let program: Program
    package let step: Int
  }

  /// Multiply-adds of f32 in registers.
  package func multiplyAdds(rounds: Int) throws(Diagnostic) -> Measured {
    let lanes = target.lanes(.f32)
    let values = (0..<(Self.chains + 2) * lanes).map { 1 + Float($0) / 1024 }
    return try arithmetic(rounds, .f32, Tensor(values, shape: [Self.chains + 2, lanes])) {
      .fma($0, $1, $2)
    }
  }

  /// Four-way products of bytes, as integer convolutions use them.
  package func byteProducts(rounds: Int) throws(Diagnostic) -> Measured {
    let lanes = target.lanes(.i32)
    let values = (0..<(Self.chains + 2) * lanes).map { Int32($0) }
    return try arithmetic(rounds, .i32, Tensor(values, shape: [Self.chains + 2, lanes])) {
      .dot4(a: $0, aSigned: false, b: $1, bSigned: true, c: $2)
    }
  }

  /// Chains of one operation `sum = operation(a, b, sum)`, `rounds` long, eight tasks for each thread.
  private func arithmetic(
    _ rounds: Int, _ type: ElementType, _ values: Tensor,
    _ operation: (Expr, Expr, Expr) -> Expr
  ) throws(Diagnostic) -> Measured {
    let tasks = IndexExpr(8 * threads)
    let lanes = target.lanes(type)
    var program = ProgramBuilder(name: "arithmetic", inputs: [], target: target)
    let operands = program.constant("operands", values)
    let result = program.allocate("result", type, [tasks, IndexExpr(lanes)], .plain)
    let builder = KernelBuilder(target: target)
    let (x, y) = (builder.view(operands), builder.view(result, isWritten: true))
    let body = try Nest.axes([tasks], .parallel, builder) { task throws(Diagnostic) in
      try builder.loop("lane", IndexExpr(lanes), .vector(lanes: lanes)) {
        lane throws(Diagnostic) in
        let (a, b) = (builder.local("a", type), builder.local("b", type))
        let sums = builder.registers("sum", type, [Self.chains])
        let start = try overChains(builder) { chain in
          [.set(sums, [chain], x.load([chain + 2, lane]))]
        }
        let round = try overChains(builder) { chain in
          [.set(sums, [chain], operation(.local(a), .local(b), .register(sums, [chain])))]
        }
        return [
          .let(a, x.load([0, lane])), .let(b, x.load([1, lane])),
          .registers(sums, initial: .zero(type)),
        ] + start + (try builder.loop("round", IndexExpr(rounds)) { _ in round })
          + [y.store(total(sums), at: task + [lane])]
      }
    }
    program.launch("arithmetic", family: "arithmetic", builder, body: body)
    program.makeOutput(
      result.memory, Program.Port(name: "result", element: type, shape: result.shape))
    return Measured(program: program.finish(), step: 0)
  }

  /// Reads of `byteCount` bytes, all threads together, each its own part, `rounds` times over.
  ///
  /// - Parameter tasks: parts for each thread; more than one shares the work better, where parts are too large for
  ///   a cache of its own anyway.
  package func reads(
    byteCount: Int, rounds: Int, tasks: Int = 1
  ) throws(Diagnostic) -> Measured {
    let lanes = target.lanes(.f32)
    let group = 8
    let parts = threads * tasks
    let groups = max(1, byteCount / (parts * group * lanes * 4))
    let shape = [parts, groups, group, lanes].map { IndexExpr($0) }
    var program = ProgramBuilder(name: "reads", inputs: [], target: target)
    let memory = program.allocate("memory", .f32, shape, .plain)
    let result = program.allocate("result", .f32, [shape[0], shape[3]], .plain)
    let writer = KernelBuilder(target: target)
    let target = writer.view(memory, isWritten: true)
    // Memory that nothing has been written to is one page of zeros, which any cache holds.
    let filling = try Nest.axes(Array(shape.dropLast()), .parallel, writer) {
      at throws(Diagnostic) in
      try writer.loop("lane", shape[3], .vector(lanes: lanes)) { lane in
        [target.store(.float(1, .f32), at: at + [lane])]
      }
    }
    program.launch("fill", family: "fill", writer, body: filling)
    let builder = KernelBuilder(target: self.target)
    let (x, y) = (builder.view(memory), builder.view(result, isWritten: true))
    let body = try Nest.axes([shape[0]], .parallel, builder) { part throws(Diagnostic) in
      try builder.loop("lane", shape[3], .vector(lanes: lanes)) { lane throws(Diagnostic) in
        let sums = builder.registers("sum", .f32, [group])
        let rounds = try builder.loop("round", IndexExpr(rounds)) { _ throws(Diagnostic) in
          try builder.loop("group", shape[1]) { number throws(Diagnostic) in
            try builder.loop("vector", shape[2], .unrolled) { vector in
              let value = x.load(part + [number, vector, lane])
              return [.set(sums, [vector], Expr.register(sums, [vector]).plus(value))]
            }
          }
        }
        return [.registers(sums, initial: .float(0, .f32))] + rounds
          + [y.store(total(sums), at: part + [lane])]
      }
    }
    program.launch("read", family: "read", builder, body: body)
    program.makeOutput(
      result.memory, Program.Port(name: "result", element: .f32, shape: result.shape))
    return Measured(program: program.finish(), step: 1)
  }

  private func overChains(
    _ builder: KernelBuilder, _ body: (IndexExpr) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    try builder.loop("chain", IndexExpr(Self.chains), .unrolled, body)
  }

  /// All registers added.
  private func total(_ registers: Registers) -> Expr {
    (1..<registers.shape.elementCount).reduce(.register(registers, [0])) { sum, number in
      .binary(.add, sum, .register(registers, [IndexExpr(number)]))
    }
  }
}
