package import Diagnostics
package import IR
import Tensors

/// Attention of queries, keys and values with heads side by side.
///
/// - Inputs: `query` `[N, S, q]`; `key` `[N, T, q]` and `value` `[N, T, v]`, or `[N, heads, T, size]` both; optional `bias` `[2 * q + v]` of all
///   three; `key_padding_mask` `[N, T]`, `[N, S, T]` or `[N]`; `attention_bias` that broadcasts to `[N, heads, S, T]`; `past_key` and
///   `past_value` `[N, heads, P, size]`. Outputs: `output` `[N, S, v]`, optional `present_key` and `present_value`.
/// - Attributes: `num_heads` (required), `unidirectional`, `scale`, `mask_filter_value` (-10000).
/// - Errors: `attribute.missing`, `shape.rank`, those of Attention; `shape.rank` (unsupported) for packed operands.
/// - Source: com.microsoft MultiHeadAttention-1.
package struct MultiHeadAttention: ContributedOp {
  package static let schema = OpSchema(
    "MultiHeadAttention", domain: "com.microsoft", versions: [1],
    inputs: [
      .required("query", "T"), .optional("key", "T"), .optional("value", "T"),
      .optional("bias", "T"), .optional("key_padding_mask", "M"), .optional("attention_bias", "T"),
      .optional("past_key", "T"), .optional("past_value", "T"),
    ],
    outputs: [
      .required("output", "T"), .optional("present_key", "T"), .optional("present_value", "T"),
    ],
    types: ["T": .floats, "M": [.i32]])

  private let heads: ContributedHeads

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    heads = try ContributedHeads(&attributes)
  }

  package var attributes: Attributes { Attributes { heads.store(&$0) } }

  package func compose(_ graph: inout Composer) throws(Diagnostic) -> [ValueID] {
    guard let key = graph.optional(1), let value = graph.optional(2) else {
      throw .unsupported("shape.rank", "queries packed with keys and values are not supported")
    }
    var operands = [try graph.input(0), key, value]
    let widths = try operands.map { operand throws(Diagnostic) in
      try graph.shape(operand).last?.value
    }
    if let bias = graph.optional(3) {
      guard let query = widths[0], let last = try graph.shape(bias).last?.value else {
        throw .unsupported("shape.open", "the width of queries is not known")
      }
      let parts = try graph.addAll(
        Split(), [bias, graph.integers([query, query, last - 2 * query])], outputCount: 3)
      for index in 0..<3 where try graph.shape(operands[index]).count == 3 {
        operands[index] = try graph.add(Add(), operands[index], parts[index])
      }
    }
    for index in 1...2 { operands[index] = try sideBySide(operands[index], &graph) }
    for operand in operands where try graph.shape(operand).count != 3 {
      throw .unsupported(
        "shape.rank", "an operand has shape \(try graph.shape(operand)), expected rank 3")
    }
    let hidden = HiddenKeys(filter: heads.filter, query: operands[0], key: operands[1])
    let past = graph.optional(6)
    let mask = try hidden.compose(
      graph.optional(4), attentionBias: graph.optional(5), past: past, &graph)
    return try graph.addAll(
      heads.attention, operands + [mask, past, graph.optional(7)], outputCount: 3)
  }

  /// Heads one after the other, `[N, heads, T, size]`, as heads side by side.
  private func sideBySide(
    _ operand: ValueID, _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    guard try graph.shape(operand).count == 4 else { return operand }
    let turned = try graph.add(Transpose(permutation: [0, 2, 1, 3]), operand)
    guard let size = try graph.shape(turned)[3].value else {
      throw .unsupported("shape.open", "the size of heads is not known")
    }
    return try graph.add(Reshape(), turned, graph.integers([0, 0, heads.count * size]))
  }
}
