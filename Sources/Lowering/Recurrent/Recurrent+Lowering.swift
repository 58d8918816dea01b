package import Diagnostics
import Loops
package import Ops
import Tensors

extension RNN: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let activations = try form.activations(default: ["Tanh"])
    try RecurrentKernel(context, form: form, gates: 1, hasCell: false).lower(context) {
      step throws(Diagnostic) in
      try step.units { i throws(Diagnostic) in
        let (x, h) = try (step.input(0, i), step.recurrent(0, i, of: step.memory.hidden))
        let next = activations[step.direction].value(step.clipped(x.sum.plus(h.sum)))
        return x.statements + h.statements + [.store(step.memory.next, [i], next)]
      }
    }
  }
}

extension GRU: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let activations = try form.activations(default: ["Sigmoid", "Tanh"])
    let isLinear = linearBeforeReset
    try RecurrentKernel(context, form: form, gates: 3, hasCell: false).lower(context) {
      step throws(Diagnostic) in
      let (f, g) = (activations[2 * step.direction], activations[2 * step.direction + 1])
      let memory = step.memory
      // The reset first: where it applies to the hidden state, every unit of the candidate needs all of it.
      let resets = try step.units { i throws(Diagnostic) in
        let (x, h) = try (step.input(1, i), step.recurrent(1, i, of: memory.hidden))
        let reset = f.value(step.clipped(x.sum.plus(h.sum)))
        let kept = isLinear ? reset : reset.times(.load(memory.hidden, [i]))
        return x.statements + h.statements + [.store(memory.extra, [i], kept)]
      }
      return resets
        + (try step.units { i throws(Diagnostic) in
          let (x, h) = try (step.input(0, i), step.recurrent(0, i, of: memory.hidden))
          let update = step.builder.local("update", step.kernel.state)
          let own = try step.input(2, i)
          let other = try step.recurrent(2, i, of: isLinear ? memory.hidden : memory.extra)
          let past = isLinear ? other.sum.times(.load(memory.extra, [i])) : other.sum
          let candidate = g.value(step.clipped(own.sum.plus(past)))
          let rest = Expr.local(update).number(1).minus(.local(update))
          let next = rest.times(candidate).plus(
            Expr.local(update).times(.load(memory.hidden, [i])))
          return x.statements + h.statements
            + [.let(update, f.value(step.clipped(x.sum.plus(h.sum))))] + own.statements
            + other.statements + [.store(memory.next, [i], next)]
        })
    }
  }
}

extension LSTM: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let activations = try form.activations(default: ["Sigmoid", "Tanh", "Tanh"])
    let peepholes = context.hasInput(7) ? try context.plain(7) : nil
    let isCoupled = inputForget
    try RecurrentKernel(context, form: form, gates: 4, hasCell: true).lower(context) {
      step throws(Diagnostic) in
      let first = 3 * step.direction
      let (f, g, h) = (activations[first], activations[first + 1], activations[first + 2])
      let (builder, state, memory) = (step.builder, step.kernel.state, step.memory)
      return try step.units { i throws(Diagnostic) in
        var statements: [Statement] = []
        var sums: [Expr] = []
        for gate in 0..<4 {
          let (x, r) = try (step.input(gate, i), step.recurrent(gate, i, of: memory.hidden))
          let sum = builder.local("gate", state)
          statements += x.statements + r.statements + [.let(sum, x.sum.plus(r.sum))]
          sums.append(.local(sum))
        }
        func peep(_ gate: Int, _ cell: Expr) -> Expr {
          guard let peepholes else { return sums[gate] }
          let place = [IndexExpr(step.direction), IndexExpr(gate * step.kernel.hidden) + i]
          let weight = builder.view(peepholes).load(place).converted(to: state)
          return sums[gate].plus(weight.times(cell))
        }
        let (past, input) = (builder.local("past", state), builder.local("input", state))
        let (forget, cell) = (builder.local("forget", state), builder.local("cell", state))
        let kept = Expr.local(past).number(1).minus(.local(input))
        let fresh = g.value(step.clipped(sums[3]))
        let output = f.value(step.clipped(peep(1, .local(cell))))
        return statements + [
          .let(past, .load(memory.cell, [i])),
          .let(input, f.value(step.clipped(peep(0, .local(past))))),
          .let(forget, isCoupled ? kept : f.value(step.clipped(peep(2, .local(past))))),
          .let(
            cell,
            Expr.local(forget).times(.local(past)).plus(Expr.local(input).times(fresh))),
          .store(memory.cell, [i], .local(cell)),
          .store(memory.next, [i], output.times(h.value(.local(cell)))),
        ]
      }
    }
  }
}
