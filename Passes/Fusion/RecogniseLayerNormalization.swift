import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Finds layer normalization where an exporter has written it out.
  ///
  ///     %m = ReduceMean(%x, [-1])
  ///     %d = Sub(%x, %m)
  ///     %q = Pow(%d, 2)             // or Mul(%d, %d)
  ///     %v = ReduceMean(%q, [-1])
  ///     %e = Add(%v, 1e-5)
  ///     %r = Sqrt(%e)
  ///     %n = Div(%d, %r)            // or Mul by Reciprocal
  ///     %s = Mul(%n, %g)
  ///     %y = Add(%s, %b)
  /// ->
  ///     %y = LayerNormalization(%x, %g, %b) {axis = -1, epsilon = 1e-5}
  ///
  /// A missing scale becomes ones. Preconditions: both means keep their axes, which are the last ones; nobody else reads
  /// the deviation's intermediate results; scale and shift have the shape of the normalized axes.
  ///
  /// Source: Ba et al. 2016, arXiv:1607.06450; ONNX LayerNormalization-17.
  package static let recogniseLayerNormalization = Pass(
    "recognise-layer-normalization", "find LayerNormalization where it is written out"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let node = rw.node(id), let output = node.outputs.first ?? nil else { continue }
      if let found = WrittenNormalization(node, &rw), rw.haveSameType(found.input, output) {
        let count = found.shape.elementCount
        let ones = Tensor(
          doubles: Array(repeating: 1, count: count), shape: found.shape,
          type: rw.type(output)?.element ?? .f32)
        let scale = rw.makeConstant(ones, name: node.name + ".scale")
        let op = LayerNormalization(axis: -found.shape.count, epsilon: found.epsilon)
        try rw.replace(id, with: op, inputs: [found.input, scale])
      } else if node.op is Mul || node.op is Add {
        try absorb(id, node, output, &rw)
      }
    }
  }

  /// Takes a factor into a scale of ones, or a summand into a missing shift.
  private static func absorb(
    _ id: NodeID, _ node: Node, _ output: ValueID, _ rw: inout Rewriter
  ) throws(Diagnostic) {
    guard node.inputs.count == 2, let a = node.inputs[0], let b = node.inputs[1] else { return }
    for (value, parameter) in [(a, b), (b, a)] {
      guard rw.hasOneUse(value), let norm = rw.def(of: value, as: LayerNormalization.self),
        norm.input(2) == nil, norm.node.outputs.count == 1, rw.haveSameType(value, output),
        let scale = norm.input(1), rw.haveSameType(scale, parameter)
      else { continue }
      if node.op is Add {
        try rw.replace(id, with: norm.op, inputs: [norm.input(0), scale, parameter])
      } else if rw.uniform(scale) == 1 {
        try rw.replace(id, with: norm.op, inputs: [norm.input(0), parameter])
      }
      return
    }
  }
}

/// `(x - mean(x)) / sqrt(variance(x) + epsilon)` over the last axes, as operators of their own.
private struct WrittenNormalization {
  let input: ValueID
  /// The normalized axes.
  let shape: [Int]
  let epsilon: Double

  init?(_ node: Node, _ rw: inout Rewriter) {
    guard node.inputs.count == 2, let a = node.inputs[0], let b = node.inputs[1] else { return nil }
    var root: ValueID?
    var deviation = a
    if node.op is Div {
      root = b
    } else if node.op is Mul {
      for (value, gate) in [(a, b), (b, a)] {
        guard rw.hasOneUse(gate), let inverse = rw.def(of: gate, as: Reciprocal.self) else {
          continue
        }
        deviation = value
        root = inverse.input(0)
      }
    }
    guard let root, rw.hasOneUse(root), let sqrt = rw.def(of: root, as: Sqrt.self),
      let sum = sqrt.input(0), rw.hasOneUse(sum), let add = rw.def(of: sum, as: Add.self),
      let centred = rw.def(of: deviation, as: Sub.self), let x = centred.input(0)
    else { return nil }
    // The constant stands last once operands are canonical.
    guard let epsilon = rw.uniform(add.input(1)), rw.constant(add.input(1))?.elementCount == 1,
      let variance = Self.mean(add.input(0), &rw), let mean = Self.mean(centred.input(1), &rw),
      mean.input == x, mean.axes == variance.axes,
      Product(variance.input, rw).factors == [deviation, deviation],
      Product(variance.input, rw).number == 1, let shape = rw.shape(x)
    else { return nil }
    let normalized = shape.suffix(mean.axes.count).compactMap(\.value)
    guard mean.axes == Array(shape.count - mean.axes.count..<shape.count),
      normalized.count == mean.axes.count
    else { return nil }
    self.input = x
    self.shape = normalized
    self.epsilon = epsilon
  }

  /// The input and the axes of a mean that keeps its axes.
  private static func mean(_ value: ValueID?, _ rw: inout Rewriter) -> (
    input: ValueID, axes: [Int]
  )? {
    guard let reduce = rw.def(of: value, as: ReduceMean.self), rw.hasOneUse(value),
      reduce.op.form.keepsDimensions, let input = reduce.input(0), let rank = rw.rank(input),
      let axes = rw.integers(reduce.input(1)), !axes.isEmpty
    else { return nil }
    return (input, axes.map { $0 < 0 ? $0 + rank : $0 }.sorted())
  }
}
