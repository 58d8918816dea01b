package import Diagnostics
package import IR
package import Tensors

/// The long short-term memory, gates in the order input, output, forget, cell, with optional peepholes.
///
/// - Inputs: see `RecurrentOp`; then `initial_c` like `initial_h` and `P` `[D, 3 * H]` for input, output and forget gate.
///   Outputs: `Y`, `Y_h` and `Y_c`.
/// - Errors: `shape.rank`, `shape.recurrent`, `attribute.activation`, `attribute.count`.
/// - Source: ONNX LSTM-22 (versions 1, 7, 14, 22); Hochreiter and Schmidhuber 1997; Gers and Schmidhuber 2000.
package struct LSTM: RecurrentOp {
  package static let schema = OpSchema(
    "LSTM", versions: [1, 7, 14, 22],
    inputs: [
      .required("X", "T"), .required("W", "T"), .required("R", "T"), .optional("B", "T"),
      .optional("sequence_lens", "T1"), .optional("initial_h", "T"), .optional("initial_c", "T"),
      .optional("P", "T"),
    ],
    outputs: [.optional("Y", "T"), .optional("Y_h", "T"), .optional("Y_c", "T")],
    types: ["T": .floats, "T1": [.i32]])

  package static let gates = 4
  package var form: RecurrentForm
  /// Whether the forget gate is one less the input gate.
  package var inputForget: Bool

  package init(form: RecurrentForm, inputForget: Bool = false) {
    self.form = form
    self.inputForget = inputForget
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    form = try RecurrentForm(&attributes, perDirection: 3)
    inputForget = try attributes.flag("input_forget")
  }

  package var attributes: Attributes {
    Attributes {
      form.write(to: &$0)
      $0.flag("input_forget", inputForget)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    try inferRecurrent(context)
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let weights = try RecurrentWeights(inputs, gates: Self.gates)
    let activations = try form.activations(default: ["Sigmoid", "Tanh", "Tanh"])
    let size = weights.hidden
    let expected = form.directions * 3 * size
    let peepholes = inputs.optional(7)?.doubles ?? Array(repeating: 0, count: expected)
    guard peepholes.count == expected else {
      throw Diagnostic("shape.recurrent", "P has \(peepholes.count) elements, expected \(expected)")
    }
    return try run(
      inputs, weights: weights, cell: inputs.optional(6), hasCell: true
    ) { d, gates, state in
      let own = (0..<4).map { weights.recurrent(d, gate: $0, state.hidden) }
      let (f, g, h) = (activations[3 * d], activations[3 * d + 1], activations[3 * d + 2])
      var next = state
      for i in 0..<size {
        let sums = (0..<4).map { gates[$0 * size + i] + own[$0][i] }
        let peep = (0..<3).map { peepholes[(3 * d + $0) * size + i] }
        let input = f(form.clipped(sums[0] + peep[0] * state.cell[i]))
        let forget =
          inputForget ? 1 - input : f(form.clipped(sums[2] + peep[2] * state.cell[i]))
        let cell = forget * state.cell[i] + input * g(form.clipped(sums[3]))
        let output = f(form.clipped(sums[1] + peep[1] * cell))
        next.cell[i] = cell
        next.hidden[i] = output * h(cell)
      }
      return next
    }
  }
}
