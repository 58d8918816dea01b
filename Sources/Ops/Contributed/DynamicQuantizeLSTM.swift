package import Diagnostics
package import IR
import Tensors

/// An LSTM with weights of bytes. Its input and its state stay floats here; onnxruntime rounds both to bytes in every step,
/// so results differ by that rounding.
///
/// - Inputs: those of LSTM, with `W` `[D, C, 4 * H]` and `R` `[D, H, 4 * H]`, transposed and of bytes; then the scales and zero points of both, `[D]` or
///   `[D, 4 * H]`. Outputs: those of LSTM.
/// - Attributes: those of LSTM.
/// - Errors: those of LSTM and DequantizeLinear.
/// - Source: com.microsoft DynamicQuantizeLSTM-1.
package struct DynamicQuantizeLSTM: ContributedOp {
  package static let schema = OpSchema(
    "DynamicQuantizeLSTM", domain: "com.microsoft", versions: [1],
    inputs: [
      .required("X", "T"), .required("W", "W"), .required("R", "W"), .optional("B", "T"),
      .optional("sequence_lens", "I"), .optional("initial_h", "T"), .optional("initial_c", "T"),
      .optional("P", "T"), .required("W_scale", "T"), .required("W_zero_point", "W"),
      .required("R_scale", "T"), .required("R_zero_point", "W"),
    ],
    outputs: [.optional("Y", "T"), .optional("Y_h", "T"), .optional("Y_c", "T")],
    types: ["T": [.f32], "W": [.i8, .u8], "I": [.i32]])

  private let lstm: LSTM

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    lstm = try LSTM(&attributes)
  }

  package var attributes: Attributes { lstm.attributes }

  package func compose(_ graph: inout Composer) throws(Diagnostic) -> [ValueID] {
    let inputs = [
      try graph.input(0), try weights(1, scale: 8, &graph), try weights(2, scale: 10, &graph),
    ]
    return try graph.addAll(
      lstm, inputs + (3...7).map { graph.optional($0) }, outputCount: 3)
  }

  /// `[D, 4 * H, ...]` of floats.
  private func weights(
    _ index: Int, scale: Int, _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    var floats = try graph.add(Cast(to: .f32), graph.input(index))
    let zero = try perDirection(graph.add(Cast(to: .f32), graph.input(scale + 1)), &graph)
    floats = try graph.add(Sub(), floats, zero)
    floats = try graph.add(Mul(), floats, perDirection(graph.input(scale), &graph))
    return try graph.add(Transpose(permutation: [0, 2, 1]), floats)
  }

  /// `[D]` or `[D, 4 * H]` as `[D, 1, 1]` or `[D, 1, 4 * H]`.
  private func perDirection(
    _ value: ValueID, _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    let rank = try graph.shape(value).count
    if rank == 0 { return value }
    return try graph.add(Unsqueeze(), value, graph.integers(rank == 1 ? [1, 2] : [1]))
  }
}
