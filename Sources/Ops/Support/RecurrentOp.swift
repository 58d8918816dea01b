package import Diagnostics
package import IR
import Tensors

/// A cell that is run over sequences in one or both directions: LSTM, GRU, RNN.
///
/// Inputs are `X` `[S, N, I]`, `W` `[D, gates * H, I]`, `R` `[D, gates * H, H]`, optional `B` `[D, 2 * gates * H]`,
/// `sequence_lens` `[N]`, `initial_h` `[D, N, H]`; outputs `Y` `[S, D, N, H]` and `Y_h` `[D, N, H]`. With `batchFirst` they
/// are `[N, S, I]`, `[N, D, H]` and `[N, S, D, H]`.
package protocol RecurrentOp: TensorOp {
  static var gates: Int { get }
  var form: RecurrentForm { get }
}

/// The state of one sequence: what a cell hands to its next step.
struct RecurrentState {
  var hidden: [Double]
  /// The cell state of an LSTM; empty for others.
  var cell: [Double]
}

extension RecurrentOp {
  /// The types of `Y`, `Y_h` and as many further states as there are outputs.
  ///
  /// - Throws: `shape.rank`, `shape.recurrent` when weights do not fit.
  package func inferRecurrent(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let x = try context.shape(0)
    let w = try context.shape(1)
    let r = try context.shape(2)
    let hidden = try check(x, w, r)
    let (batch, sequence) = form.batchFirst ? (x[0], x[1]) : (x[1], x[0])
    let d = IndexExpr(form.directions)
    let y = form.batchFirst ? [batch, sequence, d, hidden] : [sequence, d, batch, hidden]
    let state = form.batchFirst ? [batch, d, hidden] : [d, batch, hidden]
    let element = try context.element(0)
    let states = Array(
      repeating: ValueType.tensor(element, state), count: Self.schema.outputs.count - 1)
    return [.tensor(element, y)] + states
  }

  /// - Returns: the hidden size.
  private func check(
    _ x: [IndexExpr], _ w: [IndexExpr], _ r: [IndexExpr]
  ) throws(Diagnostic) -> IndexExpr {
    guard x.count == 3, w.count == 3, r.count == 3 else {
      throw Diagnostic("shape.rank", "X \(x), W \(w) and R \(r), expected three axes each")
    }
    let hidden = form.hiddenSize.map { IndexExpr($0) } ?? r[2]
    let rows = IndexExpr(Self.gates) * hidden
    let d = IndexExpr(form.directions)
    func agree(_ a: [IndexExpr], _ b: [IndexExpr]) -> Bool {
      zip(a, b).allSatisfy { !$0.isConstant || !$1.isConstant || $0 == $1 }
    }
    guard agree(w, [d, rows, x[2]]), agree(r, [d, rows, hidden]) else {
      throw Diagnostic(
        "shape.recurrent",
        "W \(w) and R \(r), expected [\(d), \(rows), \(x[2])] and [\(d), \(rows), \(hidden)]")
    }
    return hidden
  }

  /// Runs a cell over all sequences and gathers `Y`, `Y_h` and, with a cell state, `Y_c`.
  ///
  /// - Parameters:
  ///   - cell: the initial cell state; nil for cells without one.
  ///   - step: from the direction, the input's part of all gates and the state before to the state after.
  func run(
    _ inputs: Operands, weights: RecurrentWeights, cell: Tensor?, hasCell: Bool,
    step: (Int, [Double], RecurrentState) -> RecurrentState
  ) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    _ = try check(x.symbolicShape, inputs[1].symbolicShape, inputs[2].symbolicShape)
    let (batch, sequence) = form.batchFirst ? (x.shape[0], x.shape[1]) : (x.shape[1], x.shape[0])
    let hidden = weights.hidden
    let lengths = inputs.optional(4)?.integers
    let d = form.directions
    for state in [inputs.optional(5), cell] {
      guard state == nil || state?.elementCount == d * batch * hidden else {
        throw Diagnostic(
          "shape.recurrent", "an initial state does not hold \(d * batch * hidden) elements")
      }
    }
    guard lengths == nil || lengths?.count == batch,
      lengths?.allSatisfy({ $0 >= 0 && $0 <= sequence }) ?? true
    else {
      throw Diagnostic(
        "shape.recurrent",
        "sequence_lens \(lengths ?? []) do not fit \(batch) sequences of \(sequence)")
    }
    let values = x.doubles
    var y = Array(repeating: 0.0, count: sequence * d * batch * hidden)
    var lastHidden = inputs.optional(5)?.doubles ?? Array(repeating: 0, count: d * batch * hidden)
    var lastCell = cell?.doubles ?? Array(repeating: 0, count: hasCell ? d * batch * hidden : 0)
    for direction in 0..<d {
      let isReverse = form.direction == .reverse || direction == 1
      for n in 0..<batch {
        let length = lengths?[n] ?? sequence
        let place = (form.batchFirst ? n * d + direction : direction * batch + n) * hidden
        let own = place..<place + hidden
        var state = RecurrentState(
          hidden: Array(lastHidden[own]), cell: hasCell ? Array(lastCell[own]) : [])
        for t in isReverse ? (0..<length).reversed() : Array(0..<length) {
          let row = (form.batchFirst ? n * sequence + t : t * batch + n) * weights.inputs
          state = step(
            direction, weights.input(direction, values[row..<row + weights.inputs]), state)
          let to =
            form.batchFirst
            ? ((n * sequence + t) * d + direction) * hidden
            : ((t * d + direction) * batch + n) * hidden
          y.replaceSubrange(to..<to + hidden, with: state.hidden)
        }
        lastHidden.replaceSubrange(own, with: state.hidden)
        if hasCell { lastCell.replaceSubrange(own, with: state.cell) }
      }
    }
    let shape = form.batchFirst ? [batch, sequence, d, hidden] : [sequence, d, batch, hidden]
    let stateShape = form.batchFirst ? [batch, d, hidden] : [d, batch, hidden]
    let states = (hasCell ? [lastHidden, lastCell] : [lastHidden])
      .map { Tensor(doubles: $0, shape: stateShape, type: x.type) }
    return [Tensor(doubles: y, shape: shape, type: x.type)] + states
  }
}

/// The weights of a recurrent operator, by direction and gate.
struct RecurrentWeights {
  let inputs: Int
  let hidden: Int
  private let rows: Int
  private let w: [Double]
  private let r: [Double]
  private let b: [Double]

  /// - Throws: `shape.rank`, `shape.recurrent` when the bias has another size.
  init(_ operands: Operands, gates: Int) throws(Diagnostic) {
    let shape = operands[2].shape
    guard shape.count == 3, operands[1].rank == 3 else {
      throw Diagnostic(
        "shape.rank", "W \(operands[1].shape) and R \(shape), expected three axes each")
    }
    hidden = shape[2]
    rows = gates * hidden
    inputs = operands[1].shape[2]
    w = operands[1].doubles
    r = operands[2].doubles
    b = operands.optional(3)?.doubles ?? Array(repeating: 0, count: shape[0] * 2 * rows)
    guard b.count == shape[0] * 2 * rows else {
      throw Diagnostic(
        "shape.recurrent", "B has \(b.count) elements, expected \(shape[0] * 2 * rows)")
    }
  }

  /// `W * x + Wb` for all gates.
  func input(_ direction: Int, _ x: ArraySlice<Double>) -> [Double] {
    product(w, direction * rows * inputs, rows, x, bias: direction * 2 * rows)
  }

  /// `R * h + Rb` for one gate.
  func recurrent(_ direction: Int, gate: Int, _ h: [Double]) -> [Double] {
    let first = direction * rows + gate * hidden
    return product(
      r, first * hidden, hidden, h[...], bias: direction * 2 * rows + rows + gate * hidden)
  }

  private func product(
    _ matrix: [Double], _ start: Int, _ count: Int, _ x: ArraySlice<Double>, bias: Int
  ) -> [Double] {
    let width = x.count
    let base = x.startIndex
    return (0..<count).map { row in
      var sum = b[bias + row]
      let from = start + row * width
      for k in 0..<width { sum += matrix[from + k] * x[base + k] }
      return sum
    }
  }
}
