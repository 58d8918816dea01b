package import Diagnostics
package import IR
package import Tensors

/// A new last axis on which the category that an element is is 1 and all others 0.
///
/// - Input: `X`, numbers or strings. Output: `Y`, `f32`, one more dimension, the number of categories.
/// - Attributes: `cats_int64s` or `cats_strings`; `zeros` (true): what is no category has only zeros, else it is an error.
/// - Errors: `attribute.missing`, `type.keys`, `attribute.category` when it runs.
/// - Source: ai.onnx.ml OneHotEncoder-1. Floats count as the integers they truncate to.
package struct OneHotEncoder: TensorOp {
  package static let schema = OpSchema(
    "OneHotEncoder", domain: "ai.onnx.ml", versions: [1], inputs: [.required("X", "T")],
    outputs: [.required("Y", "F")],
    types: ["T": TypeSet.numeric.union([.string]), "F": [.f32]])

  package var integers: [Int]?
  package var strings: [String]?
  package var allowsOthers: Bool

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    integers = try attributes.ints("cats_int64s")
    strings = try attributes.strings("cats_strings")
    allowsOthers = try attributes.flag("zeros", default: true)
    guard integers != nil || strings != nil else { throw attributes.missing("cats_int64s") }
  }

  package var attributes: Attributes {
    Attributes {
      $0.ints("cats_int64s", integers)
      $0.strings("cats_strings", strings)
      $0.flag("zeros", allowsOthers, default: true)
    }
  }

  private func count(_ type: ElementType) throws(Diagnostic) -> Int {
    guard let count = type == .string ? strings?.count : integers?.count else {
      throw Diagnostic("type.keys", "there are no categories for \(type) elements")
    }
    return count
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let x = try context.tensorType(0)
    let count = IndexExpr(try count(x.element))
    return [.tensor(TensorType(.f32, x.shape.map { $0 + [count] }))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let count = try count(x.type)
    let found: [Int?] =
      x.type == .string
      ? ScalarText.places(of: x.strings, in: strings ?? [])
      : x.converted(to: .i64).ints.map { integers?.lastIndex(of: $0) }
    var marks = Array(repeating: Float(0), count: found.count * count)
    for (index, category) in found.enumerated() {
      if let category {
        marks[index * count + category] = 1
      } else if !allowsOthers {
        throw Diagnostic("attribute.category", "element \(index) is none of \(count) categories")
      }
    }
    return [Tensor(marks, shape: x.shape + [count])]
  }
}
