package import Diagnostics
package import IR
import Tensors

/// Self-attention whose one matrix makes queries, keys and values.
///
/// - Inputs: `input` `[N, S, C]`; `weights` `[C, q + k + v]`; optional `bias` `[q + k + v]`; `mask_index`: `[N, T]` or `[N, S, T]` with 1
///   where keys are seen, or `[N]`, the numbers of keys; `past` `[2, N, heads, P, size]`; `attention_bias` that broadcasts to
///   `[N, heads, S, T]`. Outputs: `output` `[N, S, v]`; optional `present` like `past`, `T = P + S`.
/// - Attributes: `num_heads` (required), `unidirectional`, `qkv_hidden_sizes` (thirds by default), `scale`, `mask_filter_value`
///   (-10000), which hidden keys' scores get added.
/// - Errors: `attribute.missing`, `shape.rank`, those of Attention; `attribute.value` (unsupported) for `do_rotary` and a
///   shared buffer.
/// - Source: com.microsoft Attention-1.
package struct ContributedAttention: ContributedOp {
  package static let schema = OpSchema(
    "Attention", domain: "com.microsoft", versions: [1],
    inputs: [
      .required("input", "T"), .required("weights", "T"), .optional("bias", "T"),
      .optional("mask_index", "M"), .optional("past", "T"), .optional("attention_bias", "T"),
    ],
    outputs: [.required("output", "T"), .optional("present", "T")],
    types: ["T": .floats, "M": [.i32]])

  private let heads: ContributedHeads
  private let sizes: [Int]?

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    heads = try ContributedHeads(&attributes)
    sizes = try attributes.ints("qkv_hidden_sizes")
    for name in ["do_rotary", "past_present_share_buffer"] where try attributes.flag(name) {
      throw .unsupported("attribute.value", "attribute '\(name)' is 1, which is not supported")
    }
    attributes.ignore("rotary_embedding_dim")
  }

  package var attributes: Attributes {
    Attributes {
      heads.store(&$0)
      $0.ints("qkv_hidden_sizes", sizes)
    }
  }

  package func compose(_ graph: inout Composer) throws(Diagnostic) -> [ValueID] {
    var all = try graph.add(MatMul(), graph.input(0), graph.input(1))
    if let bias = graph.optional(2) { all = try graph.add(Add(), all, bias) }
    let lengths = sizes.map { graph.integers($0) }
    let parts = try graph.addAll(
      Split(axis: 2, partCount: lengths == nil ? 3 : nil), [all, lengths], outputCount: 3)
    let past = try graph.optional(4).map { past throws(Diagnostic) in
      try [0, 1].map { index throws(Diagnostic) in
        try graph.add(Gather(), past, graph.number(index))
      }
    }
    let hidden = HiddenKeys(filter: heads.filter, query: parts[0], key: past?[0] ?? parts[1])
    let mask = try hidden.compose(
      graph.optional(3), attentionBias: graph.optional(5), past: past?[0], &graph)
    let results = try graph.addAll(
      heads.attention, parts + [mask, past?[0], past?[1]], outputCount: 3)
    return [results[0], try graph.stack(Array(results[1...2]), axis: 0)]
  }
}
