package import IR

/// One at the first maximum along an axis, zero elsewhere.
///
/// - Input: a tensor of floats. Output: same shape and type.
/// - Errors: `attribute.axis`.
/// - Source: ONNX Hardmax-13 (versions 1, 11, 13).
package struct Hardmax: SoftmaxOp {
  package static let schema = OpSchema(
    "Hardmax", versions: [1, 11, 13], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .floats])

  package var axis: Int
  package var flattens: Bool

  package init(axis: Int = -1, flattens: Bool = false) {
    self.axis = axis
    self.flattens = flattens
  }

  package func transform(_ lane: inout [Double]) {
    var place = 0
    for index in lane.indices where lane[index] > lane[place] { place = index }
    for index in lane.indices { lane[index] = index == place ? 1 : 0 }
  }
}
