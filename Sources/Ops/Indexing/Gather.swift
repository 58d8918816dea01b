package import Diagnostics
package import IR
package import Tensors

/// Picks slices along one axis: `y[i..., j..., k...] = x[i..., indices[j...], k...]`.
///
/// - Inputs: `data` of rank >= 1 and any type; `indices` of any shape in `-dimension..<dimension`. Output: `output`
///   of shape `data.shape[..<axis] + indices.shape + data.shape[axis + 1...]`.
/// - Attribute: `axis`, 0 by default.
/// - Errors: `attribute.axis`; `index.out-of-range` when it runs.
/// - Source: ONNX Gather-13 (versions 1, 11 with negative indices, 13).
package struct Gather: TensorOp, ContentInferring {
  package static let schema = OpSchema(
    "Gather", versions: [1, 11, 13],
    inputs: [.required("data", "T"), .required("indices", "Tind")],
    outputs: [.required("output", "T")], types: ["T": .all, "Tind": .indices])

  package var axis: Int

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    axis = try attributes.int("axis", default: 0)
  }

  package init(axis: Int = 0) { self.axis = axis }

  package var attributes: Attributes { Attributes { $0.int("axis", axis, default: 0) } }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let element = try context.element(0)
    guard let data = try context.knownShape(0), let indices = try context.knownShape(1) else {
      return [.tensor(TensorType(element, nil))]
    }
    let place = try Axes.one(axis, rank: data.count)
    return [.tensor(element, Array(data[..<place] + indices + data[(place + 1)...]))]
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    MovedContents.infer(self, context, data: [0])
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let data = inputs[0]
    let place = try Axes.one(axis, rank: data.rank)
    let indices = try Indices.normalized(inputs[1].ints, count: data.shape[place])
    let shape = Array(data.shape[..<place] + inputs[1].shape + data.shape[(place + 1)...])
    let outer = data.shape[..<place].reduce(1, *)
    let run = data.shape[(place + 1)...].reduce(1, *)
    var positions: [Int] = []
    positions.reserveCapacity(outer * indices.count)
    for row in 0..<outer {
      for index in indices { positions.append(row * data.shape[place] + index) }
    }
    var mover = ElementMover(type: data.type, shape: shape)
    mover.pick(from: data, positions, run: run)
    return [mover.finish()]
  }
}
