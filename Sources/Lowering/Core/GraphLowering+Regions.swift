package import Diagnostics
package import IR
import Loops
import Ops
import Tensors

extension GraphLowering {
  /// The region of elementwise operators behind an anchor or alone, its operands placed for `output`'s layout.
  package func region(
    body: Graph, nodes: [NodeID], seed: ValueID?, outer: [ValueID: ValueID], for output: Placed
  ) throws(Diagnostic) -> Region {
    var operands: [ValueID: Placed] = [:]
    var literals: [ValueID: Expr] = [:]
    for id in nodes {
      let op = body[id].op as? any ElementwiseLowerable
      let count = op?.readOperandCount ?? .max
      for case let input? in body[id].inputs.prefix(count)
      where operands[input] == nil && literals[input] == nil {
        let tensor = body.constant(input) ?? graph.constant(outer[input])
        if let tensor, let literal = Expr.literal(of: tensor) {
          literals[input] = literal
        } else if let value = outer[input] {
          try requireBroadcast(
            value, to: output.shape, repeats: op?.repeatsOperands ?? true, label: body[id].name)
          operands[input] = try operand(value, for: output)
        } else if let tensor {
          operands[input] = program.constant(body[input].name, tensor)
        }
      }
    }
    guard let result = body.outputs.first else {
      throw .internal("lowering.fused", "a fused region has no output")
    }
    return Region(
      body: body, nodes: nodes, seed: seed, operands: operands, literals: literals, result: result,
      shape: output.shape)
  }

  /// An operand of an elementwise operator, in the output's blocks when it has as many axes and more than one channel.
  private func operand(_ value: ValueID, for output: Placed) throws(Diagnostic) -> Placed {
    guard let shape = graph.tensorType(value)?.shape else {
      throw .unsupported("lowering.unknown-rank", "the rank of an operand is not known")
    }
    // An operand of more axes than the result has only axes of one element in front.
    if shape.count > output.shape.count {
      return try place(value, in: .plain).reshaped(to: Array(shape.suffix(output.shape.count)))
    }
    guard let block = output.layout.block, output.layout.order == nil,
      shape.count == output.shape.count, shape[1] != 1
    else {
      // Rows with zeros beside them are walked row by row.
      return try output.layout.isPlain ? place(value, in: .plain) : rows(value)
    }
    if graph.constant(value) != nil, shape.dropFirst(2).allSatisfy({ $0 == 1 }) {
      return try place(value, in: .plain)
    }
    return try place(value, in: Layout(block: block))
  }
}
