package import Diagnostics
package import IR
import Tensors

/// Scores of classes as maps from the classes' labels.
///
/// - Input: `X`, `f32[N, C]`, or `f32[C]` for one row. Output: `Z`, a sequence of one map from label to score per row.
/// - Attributes: `classlabels_int64s` or `classlabels_strings`, a label for each column.
/// - Errors: `attribute.missing`, `attribute.value` for labels of both kinds, `shape.rank-mismatch`, `shape.columns`.
/// - Source: ai.onnx.ml ZipMap-1.
package struct ZipMap: Op {
  package static let schema = OpSchema(
    "ZipMap", domain: "ai.onnx.ml", versions: [1], inputs: [.required("X", "T")],
    outputs: [.required("Z", "")], types: ["T": [.f32]])

  private let labels: ClassLabels

  package init(_ reader: inout AttributeReader) throws(Diagnostic) {
    labels = try ClassLabels(&reader, integers: "classlabels_int64s")
    if labels.integers == nil, labels.strings == nil { throw reader.missing("classlabels_*") }
    if labels.integers != nil, labels.strings != nil {
      throw Diagnostic("attribute.value", "labels are given as integers and as strings")
    }
  }

  package var attributes: Attributes {
    var store = Attributes()
    labels.store(&store)
    return store
  }

  private func check(_ shape: [IndexExpr]) throws(Diagnostic) {
    guard shape.count == 1 || shape.count == 2 else {
      throw Diagnostic("shape.rank-mismatch", "X has rank \(shape.count), expected 1 or 2")
    }
    if let columns = shape[shape.count - 1].value, columns != labels.count {
      throw Diagnostic("shape.columns", "X has \(columns) columns for \(labels.count) labels")
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    if let shape = try context.knownShape(0) { try check(shape) }
    return [.sequence(.map(key: labels.type, value: .tensor(.f32, [])))]
  }

  package func evaluate(_ inputs: [Value?], outputCount: Int) throws(Diagnostic) -> [Value] {
    guard let scores = inputs.first??.tensor else {
      throw Diagnostic("type.not-a-tensor", "X is missing")
    }
    try check(scores.shape.expressions)
    let keys = labels.select(Array(0..<labels.count)).scalars
    let values = scores.scalars
    let maps = stride(from: 0, to: values.count, by: max(labels.count, 1)).map { start in
      Value.map(
        zip(keys, values[start..<start + labels.count]).map {
          (key: .tensor($0), value: .tensor($1))
        })
    }
    return [.sequence(maps)]
  }
}
