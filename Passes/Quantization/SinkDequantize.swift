import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Moves DequantizeLinear behind operators that only move or compare elements, so that they work on integers.
  ///
  ///     %f = DequantizeLinear(%q, %s, %z)
  ///     %y = MaxPool(%f)            // also Reshape, Flatten, Squeeze, Unsqueeze, Transpose, Slice, Concat of equals, ...
  /// ->
  ///     %p = MaxPool(%q)
  ///     %y = DequantizeLinear(%p, %s, %z)
  ///
  /// Preconditions: one scale and zero point for the tensor, equal for all inputs of a Concat; 8 bits, or 16 that
  /// are not compared; a single output. Of
  /// constants only Transpose moves, whose axis scales may follow.
  package static let sinkDequantize = Pass(
    "sink-dequantize", "move DequantizeLinear behind operators that only move or compare elements"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let node = rw.node(id), let output = node.outputs.first ?? nil,
        node.op is Split
          || node.outputs.dropFirst().allSatisfy({
            $0.map { rw.graph.useCount(of: $0) == 0 } ?? true
          }),
        let count = IntegerMovement.dataInputCount(node, rw)
      else { continue }
      let sources = node.inputs.prefix(count).compactMap { Dequantized($0, rw) }
      guard let first = sources.first, sources.count == count,
        let grid = first.grid(behind: node.op, rw),
        IntegerMovement.moves(first.parameters.type, node.op),
        sources.allSatisfy({ $0.parameters == first.parameters }),
        node.op is Transpose || sources.contains(where: { rw.constant($0.value) == nil })
      else { continue }
      let inputs = IntegerMovement.inputs(
        of: node, moving: sources.map { $0.value }, first.parameters, &rw)
      if node.op is Split {
        try sink(node, id, inputs, first, &rw)
        continue
      }
      let moved = try rw.insert(node.op, inputs: inputs, before: id, name: node.name)
      let parameters = first.match.node.inputs.dropFirst()
      try rw.replace(
        id, with: DequantizeLinear(grid: grid), inputs: [moved] + parameters,
        named: rw.graph[output].name)
    }
  }
}

extension Pass {
  /// Splits the integers, and makes floats of every part.
  private static func sink(
    _ node: Node, _ id: NodeID, _ inputs: [ValueID?], _ source: Dequantized,
    _ rw: inout Rewriter
  ) throws(Diagnostic) {
    guard node.outputs.allSatisfy({ $0 != nil }) else { return }
    let parts = try rw.insertNode(
      node.op, inputs: inputs, before: id, name: node.name, outputCount: node.outputs.count)
    for (part, output) in zip(parts, node.outputs) {
      guard let output else { continue }
      let floats = try rw.insert(
        source.match.op, inputs: [part] + source.match.node.inputs.dropFirst(), before: id,
        name: rw.graph[output].name + ".floats")
      try rw.forward(output, to: floats)
    }
  }
}

extension Dequantized {
  /// How scales lie over a movement of the integers; nil where they vary along an axis that does not stay one.
  fileprivate func grid(behind op: any Op, _ rw: Rewriter) -> QuantizationGrid? {
    guard let axis = parameters.axis else { return match.op.grid }
    guard let transpose = op as? Transpose, let rank = rw.rank(value),
      let moved = try? transpose.permutation(rank: rank).firstIndex(of: axis)
    else { return nil }
    return QuantizationGrid(axis: moved)
  }
}

/// Operators for which `f(dequantize(q))` is `dequantize(f(q))`.
enum IntegerMovement {
  /// Whether integers of a type can be moved so: the standard's MaxPool knows bytes only.
  static func moves(_ type: ElementType, _ op: any Op) -> Bool {
    switch type {
    case .u8, .i8: true
    case .u16, .i16: !(op is MaxPool)
    default: false
    }
  }

  /// The inputs of a node that moves integers: what moves, and what says how.
  static func inputs(
    of node: Node, moving data: [ValueID?], _ parameters: QuantizationParameters,
    _ rw: inout Rewriter
  ) -> [ValueID?] {
    var inputs = data + node.inputs.dropFirst(data.count)
    if let pad = node.op as? Pad, pad.padsWithConstant {
      while inputs.count < 3 { inputs.append(nil) }
      inputs[2] = rw.makeConstant(
        Tensor(integers: [parameters.zeroPoint], shape: [], type: parameters.type),
        name: node.name + ".zero_point")
    }
    return inputs
  }

  /// How many of the first inputs are the data that moves; nil for other operators.
  static func dataInputCount(_ node: Node, _ rw: Rewriter) -> Int? {
    switch node.op {
    case is Reshape, is Flatten, is Squeeze, is Unsqueeze, is Transpose, is Slice, is MaxPool,
      is DepthToSpace, is SpaceToDepth, is Identity, is Gather, is Expand, is Tile, is Split:
      1
    // Zeros become zero points.
    case let pad as Pad:
      !pad.padsWithConstant || node.inputs.count < 3 || node.inputs[2] == nil
        || rw.uniform(node.inputs[2]) == 0 ? 1 : nil
    case let resize as Resize where resize.mode == .nearest: 1
    case is Concat: node.inputs.count
    default: nil
    }
  }
}
