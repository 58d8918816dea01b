import Glibc
package import IR

/// `y = x - max - log(sum(exp(x - max)))` along an axis.
///
/// - Input: a tensor of floats. Output: same shape and type.
/// - Errors: `attribute.axis`.
/// - Source: ONNX LogSoftmax-13 (versions 1, 11, 13).
package struct LogSoftmax: SoftmaxOp {
  package static let schema = OpSchema(
    "LogSoftmax", versions: [1, 11, 13], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .floats])

  package var axis: Int
  package var flattens: Bool

  package init(axis: Int = -1, flattens: Bool = false) {
    self.axis = axis
    self.flattens = flattens
  }

  package func transform(_ lane: inout [Double]) {
    let largest = lane.reduce(-.infinity) { $1 > $0 ? $1 : $0 }
    let sum = lane.reduce(0) { $0 + exp($1 - largest) }
    let shift = largest + log(sum)
    for index in lane.indices { lane[index] -= shift }
  }
}
