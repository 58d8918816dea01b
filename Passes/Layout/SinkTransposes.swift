import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Moves a Transpose behind the operators that do not care for the order of axes, until it meets its inverse.
  ///
  ///     %t = Transpose(%x) {perm = [0, 2, 3, 1]}
  ///     %a = Relu(%t)               // also operators with several operands, Concat, Pad, Softmax and reductions
  ///     %y = Transpose(%a) {perm = [0, 3, 1, 2]}
  /// ->
  ///     %a = Relu(%x)
  ///     %t = Transpose(%a) {perm = [0, 2, 3, 1]}
  ///     %y = Transpose(%t) {perm = [0, 3, 1, 2]}      // which merge-transposes then removes
  ///
  /// A reduction that drops axes takes the Transpose in, where what it keeps stays in order.
  ///
  /// Preconditions: every operand is a Transpose by the same permutation, a constant (which is transposed back) or one
  /// number; nobody else reads the transposed values; axes and pads are known.
  package static let sinkTransposes = Pass(
    "sink-transposes", "move Transpose behind operators that do not care for the order of axes"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let node = rw.node(id), node.outputs.count == 1, let output = node.outputs[0] else {
        continue
      }
      if let moved = TransposedReduction(node, &rw) {
        try rw.replace(id, with: node.op, inputs: [moved.input, moved.axes])
        continue
      }
      guard let permutation = permutation(above: node, output, rw),
        let moved = try TransposedNode(node, permutation, &rw)
      else { continue }
      let name = rw.graph[output].name
      let value = try rw.insert(moved.op, inputs: moved.inputs, before: id, name: name + ".moved")
      try rw.replace(id, with: Transpose(permutation: permutation), inputs: [value])
    }
  }

  /// The permutation of the transposed operand that a node waits for.
  private static func permutation(above node: Node, _ output: ValueID, _ rw: Rewriter) -> [Int]? {
    for case let input? in node.inputs {
      guard let transpose = rw.def(of: input, as: Transpose.self), let rank = rw.rank(input),
        rank == rw.rank(output), let found = try? transpose.op.permutation(rank: rank)
      else { continue }
      return found
    }
    return nil
  }
}

/// A reduction that drops its axes, rewritten to read what a Transpose before it read.
private struct TransposedReduction {
  let input: ValueID
  let axes: ValueID

  /// Nil where the axes that are kept would change their order.
  init?(_ node: Node, _ rw: inout Rewriter) {
    guard let reduction = node.op as? any Reduction, !reduction.form.keepsDimensions,
      node.inputs.count > 1, let value = node.inputs[0], rw.hasOneUse(value),
      let transpose = rw.def(of: value, as: Transpose.self), let source = transpose.input(0),
      let rank = rw.rank(value), let permutation = try? transpose.op.permutation(rank: rank),
      let axes = rw.integers(node.inputs[1])?.map({ $0 < 0 ? $0 + rank : $0 }), !axes.isEmpty
    else { return nil }
    let kept = (0..<rank).filter { !axes.contains($0) }.map { permutation[$0] }
    guard kept == kept.sorted() else { return nil }
    let moved = axes.map { Int64(permutation[$0]) }.sorted()
    input = source
    self.axes = rw.makeConstant(Tensor(moved, shape: [moved.count]), name: node.name + ".axes")
  }
}

/// A node rewritten to work on what its transposed operands were before.
private struct TransposedNode {
  var op: any Op
  var inputs: [ValueID?] = []

  /// Nil where the operator depends on the order of axes, or an operand is not transposed the same way.
  init?(_ node: Node, _ permutation: [Int], _ rw: inout Rewriter) throws(Diagnostic) {
    op = node.op
    guard let data = node.inputs.first ?? nil else { return nil }
    let rank = permutation.count
    switch node.op {
    case is any Elementwise:
      for input in node.inputs {
        guard let found = Self.before(input, permutation, &rw) else { return nil }
        inputs.append(found)
      }
    case let concat as Concat:
      for input in node.inputs {
        guard let found = Self.before(input, permutation, &rw) else { return nil }
        inputs.append(found)
      }
      op = Concat(axis: permutation[concat.axis < 0 ? concat.axis + rank : concat.axis])
    case let softmax as Softmax where !softmax.flattens:
      inputs = [Self.untransposed(data, permutation, rw)]
      op = Softmax(axis: permutation[softmax.axis < 0 ? softmax.axis + rank : softmax.axis])
    case let pad as Pad:
      guard node.inputs.count < 4 || node.inputs[3] == nil, node.inputs.count > 1,
        let pads = rw.integers(node.inputs[1]), pads.count == 2 * rank
      else { return nil }
      var moved = pads
      for axis in 0..<rank {
        moved[permutation[axis]] = pads[axis]
        moved[rank + permutation[axis]] = pads[rank + axis]
      }
      let constant = rw.makeConstant(
        Tensor(moved.map(Int64.init), shape: [moved.count]), name: node.name + ".pads")
      inputs = [Self.untransposed(data, permutation, rw), constant] + node.inputs.dropFirst(2)
      op = pad
    case let reduction as any Reduction where reduction.form.keepsDimensions:
      guard node.inputs.count > 1, let axes = rw.integers(node.inputs[1]), !axes.isEmpty else {
        return nil
      }
      let moved = axes.map { permutation[$0 < 0 ? $0 + rank : $0] }.sorted()
      let constant = rw.makeConstant(
        Tensor(moved.map(Int64.init), shape: [moved.count]), name: node.name + ".axes")
      inputs = [Self.untransposed(data, permutation, rw), constant]
    default: return nil
    }
    guard inputs.first.map({ $0 != nil }) ?? false else { return nil }
  }

  /// What a Transpose read that only this node reads.
  private static func untransposed(
    _ value: ValueID, _ permutation: [Int], _ rw: Rewriter
  ) -> ValueID? {
    guard rw.hasOneUse(value), let transpose = rw.def(of: value, as: Transpose.self),
      let found = try? transpose.op.permutation(rank: permutation.count), found == permutation
    else { return nil }
    return transpose.input(0)
  }

  /// An operand as it was before the permutation: `.some(nil)` for one that is left out, nil where there is none.
  private static func before(
    _ value: ValueID?, _ permutation: [Int], _ rw: inout Rewriter
  ) -> ValueID?? {
    guard let value else { return .some(nil) }
    if let tensor = rw.constant(value) {
      if tensor.elementCount == 1, tensor.rank <= 1 { return value }
      let rank = permutation.count
      guard tensor.rank <= rank else { return nil }
      let padded = Array(repeating: 1, count: rank - tensor.rank) + tensor.shape
      var inverse = permutation
      for (axis, place) in permutation.enumerated() { inverse[place] = axis }
      let transpose = Transpose(permutation: inverse)
      let moved = try? transpose.evaluate(Operands([tensor.reshaped(to: padded)]))
      return moved.map { rw.makeConstant($0[0], name: rw.graph[value].name) }
    }
    return untransposed(value, permutation, rw).map { .some($0) }
  }
}
