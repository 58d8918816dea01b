package import Diagnostics
package import IR
package import Tensors

/// Several tables of features side by side, as single precision.
///
/// - Inputs: `X`, one or more tensors `[N, C_i]` of 32- or 64-bit numbers; a vector is one row. Output: `Y`, `f32`
///   `[N, sum of widths]`: each input's first columns, zeros where it has fewer than its width.
/// - Attribute: `inputdimensions`, the width of each input; by default its own number of columns.
/// - Errors: `attribute.length`, `shape.rank`, `shape.rows`.
/// - Source: ai.onnx.ml FeatureVectorizer-1.
package struct FeatureVectorizer: TensorOp {
  package static let schema = OpSchema(
    "FeatureVectorizer", domain: "ai.onnx.ml", versions: [1], inputs: [.variadic("X", "T")],
    outputs: [.required("Y", "F")], types: ["T": [.i32, .i64, .f32, .f64], "F": [.f32]])

  package var widths: [Int]?

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    widths = try attributes.ints("inputdimensions")
  }

  package var attributes: Attributes { Attributes { $0.ints("inputdimensions", widths) } }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    var shapes: [[IndexExpr]] = []
    for index in 0..<context.inputCount { shapes.append(try context.shape(index)) }
    return [.tensor(.f32, try outputShape(shapes))]
  }

  /// The rows and columns of the result.
  package func outputShape(_ shapes: [[IndexExpr]]) throws(Diagnostic) -> [IndexExpr] {
    let widths = try columnWidths(shapes)
    let rows = shapes.map { $0.count == 2 ? $0[0] : 1 }
    if let first = rows.compactMap(\.value).first,
      let other = rows.compactMap(\.value).first(where: { $0 != first })
    {
      throw Diagnostic(
        "shape.rows", "inputs have \(first) and \(other) rows, expected as many in each")
    }
    return [rows.first { $0.isConstant } ?? rows[0], widths.reduce(0, +)]
  }

  /// How many columns of the result each input takes.
  package func columnWidths(_ shapes: [[IndexExpr]]) throws(Diagnostic) -> [IndexExpr] {
    if let wrong = shapes.first(where: { $0.isEmpty || $0.count > 2 }) {
      throw Diagnostic("shape.rank", "an input has rank \(wrong.count), expected 1 or 2")
    }
    guard let widths else { return shapes.map { $0[$0.count - 1] } }
    guard widths.count == shapes.count, widths.allSatisfy({ $0 >= 0 && $0 < 1 << 32 }) else {
      throw Diagnostic(
        "attribute.length",
        "inputdimensions is \(widths), expected a width for each of \(shapes.count) inputs")
    }
    return widths.map { IndexExpr($0) }
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let parts = inputs.variadic()
    let shapes = parts.map { $0.shape.map { IndexExpr($0) } }
    let widths = try columnWidths(shapes).map(\.constant)
    let shape = try outputShape(shapes).map(\.constant)
    var features: [Double] = []
    features.reserveCapacity(shape.elementCount)
    let tables = parts.map(\.doubles)
    for row in 0..<shape[0] {
      for (index, width) in widths.enumerated() {
        let columns = parts[index].shape[parts[index].rank - 1]
        let taken = min(width, columns)
        features += tables[index][row * columns..<row * columns + taken]
        features += Array(repeating: 0, count: width - taken)
      }
    }
    return [Tensor(doubles: features, shape: shape, type: .f32)]
  }
}
