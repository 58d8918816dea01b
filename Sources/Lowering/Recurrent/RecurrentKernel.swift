import Diagnostics
import Loops
import Ops
import Tensors

/// A recurrent cell run over sequences: one kernel per direction, threads share the batch, and the state of a sequence
/// stays in memory private to its thread.
struct RecurrentKernel {
  let form: RecurrentForm
  let gates: Int
  let hasCell: Bool
  let hidden: Int
  let state: ElementType
  let input: Placed
  /// Where they are read as they are.
  let weights: Placed?
  let recurrence: Placed?
  let bias: Placed?
  let products: RecurrentProducts

  /// The state of one sequence in private memory.
  struct State {
    /// The hidden state before the step, and after it.
    let hidden: Buffer
    let next: Buffer
    /// The cell state, of an LSTM; each element is read and written by its own lane only.
    let cell: Buffer
    /// Room for what a cell has to compute before the rest.
    let extra: Buffer
  }

  /// - Throws: `lowering.hidden-size` where the hidden size is not known.
  init(
    _ context: NodeLowering, form: RecurrentForm, gates: Int, hasCell: Bool
  ) throws(Diagnostic) {
    self.form = form
    self.gates = gates
    self.hasCell = hasCell
    input = try context.plain(0)
    bias = context.hasInput(3) ? try context.plain(3) : nil
    state = input.element == .f64 ? .f64 : .f32
    let shape = try context.shape(2)
    guard shape.count == 3, let hidden = shape[2].value ?? form.hiddenSize, hidden <= 1 << 16 else {
      throw .unsupported(
        "lowering.hidden-size", "the hidden size is not known: R is \(shape)")
    }
    self.hidden = hidden
    products = try RecurrentProducts(context, gates: gates, hidden: hidden)
    weights = products.input == nil ? try context.plain(1) : nil
    recurrence = products.recurrence == nil ? try context.plain(2) : nil
  }

  /// - Throws: `shape.mismatch` when a parameter or an initial state has another shape.
  private func check(_ context: NodeLowering, _ batch: IndexExpr) throws(Diagnostic) {
    let (d, size) = (IndexExpr(form.directions), IndexExpr(hidden))
    let rows = IndexExpr(gates * hidden)
    let state = form.batchFirst ? [batch, d, size] : [d, batch, size]
    try context.require(1, [d, rows, input.shape[2]])
    try context.require(2, [d, rows, size])
    if bias != nil { try context.require(3, [d, rows * 2]) }
    if context.hasInput(4) { try context.require(4, [batch]) }
    if context.hasInput(5) { try context.require(5, state) }
    if hasCell, context.hasInput(6) { try context.require(6, state) }
    if hasCell, context.hasInput(7) { try context.require(7, [d, size * 3]) }
  }

  /// - Parameter step: the statements of one step from the state before to `next` and `cell`.
  func lower(
    _ context: NodeLowering,
    _ step: (RecurrentStep) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) {
    let y = context.hasOutput(0) ? try context.output(0) : nil
    let lastHidden = context.hasOutput(1) ? try context.output(1).placed : nil
    let lastCell = hasCell && context.hasOutput(2) ? try context.output(2).placed : nil
    let batch = form.batchFirst ? input.shape[0] : input.shape[1]
    let lengths = context.hasInput(4) ? try context.plain(4) : nil
    try check(context, batch)
    let initial = context.hasInput(5) ? try context.plain(5) : nil
    let initialCell = hasCell && context.hasInput(6) ? try context.plain(6) : nil
    let extent = IndexExpr(hidden)
    let length = form.batchFirst ? input.shape[1] : input.shape[0]
    for direction in 0..<form.directions {
      let d = IndexExpr(direction)
      try context.forEach("recurrent", [batch]) { builder, place throws(Diagnostic) in
        let n = place[0]
        let own = { (i: IndexExpr) in form.batchFirst ? [n, d, i] : [d, n, i] }
        let lanes = LoopKind.vector(lanes: context.target.lanes(.f32))
        let room = (0..<4).map { _ in builder.scratch(state, [hidden]) }
        let memory = State(hidden: room[0], next: room[1], cell: room[2], extra: room[3])
        func load(_ placed: Placed?, _ i: IndexExpr) -> Expr {
          placed.map { builder.view($0).load(own(i)).converted(to: state) } ?? .zero(state)
        }
        let start = try builder.loop("i", extent, lanes) { i in
          [
            .store(memory.hidden, [i], load(initial, i)),
            .store(memory.cell, [i], load(initialCell, i)),
          ]
        }
        // Sequences may be shorter than the longest; what lies behind their end is zero.
        let count = builder.computedIndex("length", minimum: 0, maximum: length.upperBound)
        let given = lengths.map { builder.view($0).load([n]).converted(to: .i64) }
        let clamped =
          given.map { Expr.binary(.min, $0.atLeast(0), .index(length)) } ?? .index(length)
        func store(_ moment: IndexExpr, _ value: (IndexExpr) -> Expr) throws(Diagnostic)
          -> [Statement]
        {
          guard let y else { return [] }
          return try builder.loop("i", extent, lanes) { i throws(Diagnostic) in
            let position = form.batchFirst ? [n, moment, d, i] : [moment, d, n, i]
            return try y.store(value(i).converted(to: input.element), at: position, builder)
          }
        }
        let isReverse = form.direction == .reverse || direction == 1
        let run = try builder.loop("t", IndexExpr(count)) { t throws(Diagnostic) in
          let moment = isReverse ? IndexExpr(count) - 1 - t : t
          let row = form.batchFirst ? [n, moment] : [moment, n]
          let body = try step(
            RecurrentStep(
              kernel: self, builder: builder, direction: direction, row: row, memory: memory,
              lanes: lanes))
          let move = try builder.loop("i", extent, lanes) { i in
            [.store(memory.hidden, [i], .load(memory.next, [i]))]
          }
          return body + move + (try store(moment) { .load(memory.next, [$0]) })
        }
        let rest = try builder.loop("t", length - IndexExpr(count)) { t throws(Diagnostic) in
          try store(IndexExpr(count) + t) { _ in .zero(state) }
        }
        let finish = try builder.loop("i", extent, lanes) { i in
          [(lastHidden, memory.hidden), (lastCell, memory.cell)].compactMap { placed, buffer in
            placed.map {
              let value = Expr.load(buffer, [i]).converted(to: $0.element)
              return builder.view($0, isWritten: true).store(value, at: own(i))
            }
          }
        }
        return start + [.bind(count, clamped)] + run + (y == nil ? [] : rest) + finish
      }
    }
  }
}

/// What the step of a cell is written with.
struct RecurrentStep {
  let kernel: RecurrentKernel
  let builder: KernelBuilder
  let direction: Int
  /// The position of the step's row of the input.
  let row: [IndexExpr]
  let memory: RecurrentKernel.State
  let lanes: LoopKind

  /// A loop over the hidden units, in lanes: whole vectors, then those that are left.
  func units(
    _ body: (IndexExpr) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    guard case .vector(let width) = lanes else { return [] }
    let whole = kernel.hidden / width
    let done = IndexExpr(whole * width)
    var statements: [Statement] = []
    if whole > 0 {
      statements += try builder.loop("v", IndexExpr(whole)) { number throws(Diagnostic) in
        try builder.loop("i", IndexExpr(width), lanes) { lane throws(Diagnostic) in
          try body(number * IndexExpr(width) + lane)
        }
      }
    }
    if kernel.hidden > whole * width {
      statements += try builder.loop("i", IndexExpr(kernel.hidden) - done, lanes) {
        lane throws(Diagnostic) in try body(done + lane)
      }
    }
    return statements
  }

  /// `W * x + Wb` of a gate for unit `i`.
  func input(_ gate: Int, _ i: IndexExpr) throws(Diagnostic) -> (statements: [Statement], sum: Expr)
  {
    let line = IndexExpr(gate * kernel.hidden) + i
    guard let weights = kernel.weights else {
      let bias = bias(line)
      let column = IndexExpr(direction * kernel.gates * kernel.hidden) + line
      let product = kernel.products.input.map { builder.view($0).load(row + [column]) }
      return ([], product.map { bias.plus($0) } ?? bias)
    }
    return try product(weights.shape[2], initial: bias(line)) { k in
      let weight = builder.view(weights).load([IndexExpr(direction), line, k])
      let x = builder.view(kernel.input).load(row + [k])
      return (weight.converted(to: kernel.state), x.converted(to: kernel.state))
    }
  }

  /// `R * h + Rb` of a gate for unit `i`, with `h` from private memory.
  func recurrent(
    _ gate: Int, _ i: IndexExpr, of hidden: Buffer
  ) throws(Diagnostic) -> (statements: [Statement], sum: Expr) {
    let (d, line) = (IndexExpr(direction), IndexExpr(gate * kernel.hidden) + i)
    let initial = bias(line + IndexExpr(kernel.gates * kernel.hidden))
    let extent = IndexExpr(kernel.hidden)
    if let panels = kernel.products.recurrence {
      let width = panels.shape[4]
      return try product(extent, initial: initial) { k in
        let place = [d, IndexExpr(gate), i.floorDiv(width), k, i.mod(width)]
        return (builder.view(panels).load(place), .load(hidden, [k]))
      }
    }
    guard let recurrence = kernel.recurrence else { return ([], initial) }
    return try product(extent, initial: initial) { k in
      let weight = builder.view(recurrence).load([d, line, k])
      return (weight.converted(to: kernel.state), .load(hidden, [k]))
    }
  }

  /// The bias of a line of all gates' units, `Wb` before `Rb`.
  private func bias(_ line: IndexExpr) -> Expr {
    kernel.bias.map {
      builder.view($0).load([IndexExpr(direction), line]).converted(to: kernel.state)
    } ?? .zero(kernel.state)
  }

  /// Running sums: one would wait for its last product.
  private static let chains = 4

  /// The sum of the products of two factors over `k`.
  private func product(
    _ extent: IndexExpr, initial: Expr, _ factors: (_ k: IndexExpr) -> (Expr, Expr)
  ) throws(Diagnostic) -> (statements: [Statement], sum: Expr) {
    let sums = builder.registers("sum", kernel.state, [Self.chains])
    func step(_ k: IndexExpr, _ chain: IndexExpr) -> [Statement] {
      let (a, b) = factors(k)
      return [.set(sums, [chain], .fma(a, b, .register(sums, [chain])))]
    }
    let chains = IndexExpr(Self.chains)
    let whole = extent.floorDiv(chains)
    var statements: [Statement] = [.registers(sums, initial: .zero(kernel.state))]
    if whole != 0 {
      statements += try builder.loop("k", whole) { number throws(Diagnostic) in
        try builder.loop("c", chains, .unrolled) { chain in step(number * chains + chain, chain) }
      }
    }
    statements += try builder.loop("k", extent - whole * chains) { rest in
      step(whole * chains + rest, 0)
    }
    let sum = (0..<Self.chains).reduce(initial) { $0.plus(.register(sums, [IndexExpr($1)])) }
    return (statements, sum)
  }

  /// An argument of an activation, clipped.
  func clipped(_ x: Expr) -> Expr {
    kernel.form.clip.map { x.atLeast(-$0).atMost($0) } ?? x
  }
}

extension RecurrentActivation {
  /// The activation in the loop IR.
  func value(_ x: Expr) -> Expr {
    switch function {
    case .relu: return x.atLeast(0)
    case .tanh: return x.apply(.tanh)
    case .sigmoid: return x.apply(.sigmoid)
    case .affine: return x.times(alpha).plus(beta)
    case .leakyRelu: return .select(x.isLess(than: 0), x.times(alpha), x)
    case .thresholdedRelu: return .select(x.isLess(than: alpha), x.number(0), x)
    case .scaledTanh: return x.times(beta).apply(.tanh).times(alpha)
    case .hardSigmoid: return x.times(alpha).plus(beta).atMost(1).atLeast(0)
    case .elu:
      return .select(x.isLess(than: 0), x.atMost(0).apply(.exp).minus(1).times(alpha), x)
    case .softsign: return x.divided(by: x.apply(.abs).plus(1))
    case .softplus:
      return x.atLeast(0).plus(x.apply(.abs).apply(.neg).apply(.exp).plus(1).apply(.log))
    }
  }
}
