package import Diagnostics
package import IR
import Tensors

/// The embeddings of words, positions and segments together, normalized.
///
/// - Inputs: `input_ids` `i32[N, S]`; optional `segment_ids` `i32[N, S]`; `word_embedding` `[words, C]`; `position_embedding`
///   `[positions, C]`; optional `segment_embedding` `[segments, C]`; `gamma` and `beta` `[C]`; optional `mask` `i32[N, S]` and `position_ids`
///   `i32[N or 1, S]`, `0 ..< S` by default. Outputs: `output` `[N, S, C]`; optional `mask_index` `i32[N]`, how often the mask is 1;
///   `embedding_sum`, what is normalized.
/// - Attributes: `epsilon` (1e-12); `mask_index_type` (kept, without effect).
/// - Errors: `shape.rank`, `index.out-of-range`, `shape.broadcast`.
/// - Source: com.microsoft EmbedLayerNormalization-1.
package struct EmbedLayerNormalization: ContributedOp {
  package static let schema = OpSchema(
    "EmbedLayerNormalization", domain: "com.microsoft", versions: [1],
    inputs: [
      .required("input_ids", "I"), .optional("segment_ids", "I"),
      .required("word_embedding", "T"), .required("position_embedding", "T"),
      .optional("segment_embedding", "T"), .required("gamma", "T"), .required("beta", "T"),
      .optional("mask", "I"), .optional("position_ids", "I"),
    ],
    outputs: [
      .required("output", "T"), .optional("mask_index", "I"), .optional("embedding_sum", "T"),
    ],
    types: ["T": .floats, "I": [.i32]])

  private let epsilon: Double
  private let maskIndexType: Int

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    epsilon = try attributes.float("epsilon", default: SkipLayerNormalization.standardEpsilon)
    maskIndexType = try attributes.int("mask_index_type", default: 0)
  }

  package var attributes: Attributes {
    Attributes {
      $0.float("epsilon", epsilon, default: SkipLayerNormalization.standardEpsilon)
      $0.int("mask_index_type", maskIndexType, default: 0)
    }
  }

  package func compose(_ graph: inout Composer) throws(Diagnostic) -> [ValueID] {
    let ids = try graph.input(0)
    guard try graph.shape(ids).count == 2 else {
      throw Diagnostic(
        "shape.rank", "input_ids has shape \(try graph.shape(ids)), expected rank 2")
    }
    var sum = try graph.add(Gather(), graph.input(2), ids)
    let positions: ValueID
    if let places = graph.optional(8) {
      positions = try graph.add(Gather(), graph.input(3), places)
    } else {
      let end = try graph.add(
        Slice(), graph.add(Shape(), ids), graph.integers([1]), graph.integers([2]))
      positions = try graph.add(
        Slice(), graph.input(3), graph.integers([0]), end, graph.integers([0]))
    }
    sum = try graph.add(Add(), sum, positions)
    if let segments = graph.optional(1), let table = graph.optional(4) {
      sum = try graph.add(Add(), sum, graph.add(Gather(), table, segments))
    }
    let output = try graph.add(
      LayerNormalization(axis: -1, epsilon: epsilon), sum, graph.input(5), graph.input(6))
    let marks: ValueID
    let zero = graph.constant(Tensor(scalar: Int32(0)))
    if let mask = graph.optional(7) {
      let isSeen = try graph.add(Equal(), mask, graph.constant(Tensor(scalar: Int32(1))))
      marks = try graph.add(Cast(to: .i32), isSeen)
    } else {
      marks = try graph.add(Mul(), ids, zero)
    }
    let count = try graph.add(
      ReduceSum(form: ReductionForm(keepsDimensions: false)), marks, graph.integers([1]))
    return [output, count, sum]
  }
}
