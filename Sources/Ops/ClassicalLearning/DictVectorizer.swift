package import Diagnostics
package import IR
import Tensors

/// The values of a map as a row, one column for each key of a vocabulary.
///
/// - Input: `X`, a map from `i64` or strings to numbers or strings. Output: `Y`, `[1, C]` of the values' type; keys that the
///   map does not hold give 0 or an empty string, keys that the vocabulary does not hold are left out.
/// - Attribute: `int64_vocabulary` or `string_vocabulary`, whichever kind the keys are of.
/// - Errors: `attribute.missing`, `type.not-a-map`, `type.keys`.
/// - Source: ai.onnx.ml DictVectorizer-1, which leaves the rank open; onnxruntime gives one row.
package struct DictVectorizer: Op {
  package static let schema = OpSchema(
    "DictVectorizer", domain: "ai.onnx.ml", versions: [1], inputs: [.required("X", "")],
    outputs: [.required("Y", "")])

  private let integers: [Int]?
  private let strings: [String]?

  package init(_ reader: inout AttributeReader) throws(Diagnostic) {
    integers = try reader.ints("int64_vocabulary")
    strings = try reader.strings("string_vocabulary")
    if integers == nil, strings == nil { throw reader.missing("*_vocabulary") }
  }

  package var attributes: Attributes {
    Attributes {
      $0.ints("int64_vocabulary", integers)
      $0.strings("string_vocabulary", strings)
    }
  }

  private var vocabulary: Tensor {
    strings.map { Tensor(strings: $0, shape: [$0.count]) }
      ?? Tensor(integers: integers ?? [], shape: [integers?.count ?? 0], type: .i64)
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let (key, value) = try context.mapType(0)
    guard key == vocabulary.type else {
      throw Diagnostic("type.keys", "keys are \(key), the vocabulary \(vocabulary.type)")
    }
    return [.tensor(value, [1, IndexExpr(vocabulary.elementCount)])]
  }

  package func evaluate(_ inputs: [Value?], outputCount: Int) throws(Diagnostic) -> [Value] {
    let map = try MapEntries(inputs.first ?? nil)
    let places = try map.places(of: vocabulary)
    var row = ElementMover(type: map.values.type, shape: [1, places.count])
    row.pick(from: map.values, places.map { $0 ?? -1 })
    return [.tensor(row.finish())]
  }
}
