package import Diagnostics
package import IR
package import Tensors

/// The simple recurrent cell: `H' = f(W * x + R * H + Wb + Rb)`.
///
/// - Inputs and outputs: see `RecurrentOp`.
/// - Errors: `shape.rank`, `shape.recurrent`, `attribute.activation`, `attribute.count`.
/// - Source: ONNX RNN-22 (versions 1, 7, 14, 22).
package struct RNN: RecurrentOp {
  package static let schema = OpSchema(
    "RNN", versions: [1, 7, 14, 22],
    inputs: [
      .required("X", "T"), .required("W", "T"), .required("R", "T"), .optional("B", "T"),
      .optional("sequence_lens", "T1"), .optional("initial_h", "T"),
    ],
    outputs: [.optional("Y", "T"), .optional("Y_h", "T")],
    types: ["T": .floats, "T1": [.i32]])

  package static let gates = 1
  package var form: RecurrentForm

  package init(form: RecurrentForm) { self.form = form }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    form = try RecurrentForm(&attributes, perDirection: 1)
  }

  package var attributes: Attributes { Attributes { form.write(to: &$0) } }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    try inferRecurrent(context)
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let weights = try RecurrentWeights(inputs, gates: Self.gates)
    let activations = try form.activations(default: ["Tanh"])
    return try run(inputs, weights: weights, cell: nil, hasCell: false) { d, gates, state in
      let own = weights.recurrent(d, gate: 0, state.hidden)
      let next = own.indices.map { activations[d](form.clipped(gates[$0] + own[$0])) }
      return RecurrentState(hidden: next, cell: [])
    }
  }
}
