package import Diagnostics
import Glibc
package import IR
package import Tensors

/// The triangles that turn a spectrum into one on the mel scale.
///
/// - Inputs, all scalars: `num_mel_bins`, `dft_length`, `sample_rate`, `lower_edge_hertz`, `upper_edge_hertz`. Output:
///   `[dft_length / 2 + 1, num_mel_bins]`.
/// - Errors: `attribute.value`; `shape.mel` at run time.
/// - Source: ONNX MelWeightMatrix-17.
package struct MelWeightMatrix: TensorOp {
  package static let schema = OpSchema(
    "MelWeightMatrix", versions: [17],
    inputs: [
      .required("num_mel_bins", "T1"), .required("dft_length", "T1"),
      .required("sample_rate", "T1"), .required("lower_edge_hertz", "T2"),
      .required("upper_edge_hertz", "T2"),
    ],
    outputs: [.required("output", "T3")],
    types: ["T1": .indices, "T2": .floats, "T3": .numeric])

  package var element: ElementType

  package init(element: ElementType = .f32) { self.element = element }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    element = try attributes.elementType("output_datatype") ?? .f32
    guard TypeSet.numeric.contains(element) else {
      throw Diagnostic("attribute.value", "output_datatype is \(element), expected a number type")
    }
  }

  package var attributes: Attributes {
    Attributes { $0.int("output_datatype", Int(element.rawValue), default: 1) }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let length = context.contents(1)?.first.flatMap { $0.isDimension ? $0 : nil }
    let bins = context.contents(0)?.first.flatMap { $0.isDimension ? $0 : nil }
    return [
      .tensor(
        element,
        [
          length.map { $0.floorDiv(2) + 1 } ?? context.freshDimension(axis: 0),
          bins ?? context.freshDimension(axis: 1),
        ])
    ]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let bins = inputs[0].integers?.first ?? 0
    let length = inputs[1].integers?.first ?? 0
    let rate = inputs[2].integers?.first ?? 0
    let edges = [inputs[3].doubles.first ?? 0, inputs[4].doubles.first ?? 0]
      .map { 2595 * log1p($0 / 700) / log(10) }
    let rows = length / 2 + 1
    guard bins >= 0, length >= 0, rate > 0, [rows, bins].checkedElementCount ?? .max <= 1 << 32,
      edges.allSatisfy(\.isFinite)
    else {
      throw Diagnostic(
        "shape.mel", "\(bins) bins of \(length) at rate \(rate) make no weights")
    }
    let step = (edges[1] - edges[0]) / Double(bins + 2)
    let points = (0..<bins + 2).map { bin in
      let hertz = 700 * expm1((Double(bin) * step + edges[0]) / 2595 * log(10))
      let place = (Double(length + 1) * hertz / Double(rate)).rounded(.down)
      return Int(max(0, min(place, Double(rows))))
    }
    var weights = Array(repeating: 0.0, count: rows * bins)
    for bin in 0..<bins {
      let (low, center, high) = (points[bin], points[bin + 1], points[bin + 2])
      for row in 0..<rows {
        if row == center, low == center {
          weights[row * bins + bin] = 1
        } else if row >= low, row <= center, low < center {
          weights[row * bins + bin] = Double(row - low) / Double(center - low)
        }
        if row >= center, row < high {
          weights[row * bins + bin] = Double(high - row) / Double(high - center)
        }
      }
    }
    return [Tensor(doubles: weights, shape: [rows, bins], type: element)]
  }
}
