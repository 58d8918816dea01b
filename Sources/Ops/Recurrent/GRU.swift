package import Diagnostics
package import IR
package import Tensors

/// The gated recurrent unit, gates in the order update, reset, hidden.
///
/// `H' = (1 - z) * g(Wh * x + Rh * (r * H) + biases) + z * H`; with `linear_before_reset` the reset applies to `Rh * H + Rbh`.
///
/// - Inputs and outputs: see `RecurrentOp`.
/// - Errors: `shape.rank`, `shape.recurrent`, `attribute.activation`, `attribute.count`.
/// - Source: ONNX GRU-22 (versions 1, 3, 7, 14, 22); Cho et al. 2014, arXiv:1406.1078.
package struct GRU: RecurrentOp {
  package static let schema = OpSchema(
    "GRU", versions: [1, 3, 7, 14, 22],
    inputs: [
      .required("X", "T"), .required("W", "T"), .required("R", "T"), .optional("B", "T"),
      .optional("sequence_lens", "T1"), .optional("initial_h", "T"),
    ],
    outputs: [.optional("Y", "T"), .optional("Y_h", "T")],
    types: ["T": .floats, "T1": [.i32]])

  package static let gates = 3
  package var form: RecurrentForm
  package var linearBeforeReset: Bool

  package init(form: RecurrentForm, linearBeforeReset: Bool = false) {
    self.form = form
    self.linearBeforeReset = linearBeforeReset
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    form = try RecurrentForm(&attributes, perDirection: 2)
    linearBeforeReset = try attributes.flag("linear_before_reset")
  }

  package var attributes: Attributes {
    Attributes {
      form.write(to: &$0)
      $0.flag("linear_before_reset", linearBeforeReset)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    try inferRecurrent(context)
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let weights = try RecurrentWeights(inputs, gates: Self.gates)
    let activations = try form.activations(default: ["Sigmoid", "Tanh"])
    let size = weights.hidden
    return try run(inputs, weights: weights, cell: nil, hasCell: false) { d, gates, state in
      let f = activations[2 * d]
      let g = activations[2 * d + 1]
      let updates = weights.recurrent(d, gate: 0, state.hidden)
      let resets = weights.recurrent(d, gate: 1, state.hidden)
      let reset = (0..<size).map { f(form.clipped(gates[size + $0] + resets[$0])) }
      var own: [Double]
      if linearBeforeReset {
        own = weights.recurrent(d, gate: 2, state.hidden)
        for i in 0..<size { own[i] *= reset[i] }
      } else {
        own = weights.recurrent(d, gate: 2, (0..<size).map { reset[$0] * state.hidden[$0] })
      }
      let next = (0..<size).map { i in
        let update = f(form.clipped(gates[i] + updates[i]))
        let candidate = g(form.clipped(gates[2 * size + i] + own[i]))
        return (1 - update) * candidate + update * state.hidden[i]
      }
      return RecurrentState(hidden: next, cell: [])
    }
  }
}
