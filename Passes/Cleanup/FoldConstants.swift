import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Computes nodes whose inputs are all constants.
  ///
  ///     %a = constant f32[2] [1.0, 2.0]
  ///     %b = Exp(%a)
  /// ->
  ///     %b = constant f32[2] [2.7182817, 7.389056]
  ///
  /// Preconditions: the operator is deterministic, the results are tensors whose shapes are known and not much larger
  /// than the inputs (at most 65,536 elements or twice as many; weights of convolutions and matrix products may be made
  /// of anything), and computing them takes at most 10^8 multiply-accumulates. DequantizeLinear stays, because its input is the
  /// smaller and exact form of a weight, and so do the quantizers of QONNX that become it.
  /// A computation that fails stays too: it reports its error when the model runs.
  package static let foldConstants = Pass(
    "fold-constants", "compute nodes that read nothing but constants"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let node = rw.node(id), node.op.isDeterministic, !isQuantizer(node.op),
        let operands = operands(of: node, rw), isSmall(node, rw),
        let results = try? node.op.evaluate(operands, outputCount: node.outputs.count)
      else { continue }
      let tensors = results.map(\.tensor)
      for (output, tensor) in zip(node.outputs, tensors) {
        // The node goes away with the last of its results that is read.
        guard let output, rw.graph.contains(output), let tensor,
          tensor.type == rw.type(output)?.element
        else { continue }
        try rw.forward(output, to: tensor)
      }
    }
  }

  /// Whether its result is floats that integers stand for.
  static func isQuantizer(_ op: any Op) -> Bool {
    op is DequantizeLinear || op is IntQuant || op is BipolarQuant
  }

  /// The inputs, when all that are given are constants.
  private static func operands(of node: Node, _ rw: Rewriter) -> [Value?]? {
    var operands: [Value?] = []
    for input in node.inputs {
      guard let input else {
        operands.append(nil)
        continue
      }
      guard let tensor = rw.constant(input) else { return nil }
      operands.append(.tensor(tensor))
    }
    return operands
  }

  /// Whether only layers read the value, as their weights: constant ones are packed, others cost at every run.
  private static func isWeight(_ value: ValueID, _ rw: Rewriter) -> Bool {
    let readers = rw.graph.readers(of: value)
    return !readers.isEmpty && !rw.isGraphOutput(value)
      && readers.allSatisfy { id in
        guard let node = rw.node(id), node.inputs.first != value else { return false }
        return node.op is Conv || node.op is ConvTranspose || node.op is Gemm || node.op is MatMul
          || node.op is BatchNormalization
      }
  }

  private static func isSmall(_ node: Node, _ rw: Rewriter) -> Bool {
    let read = node.inputs.reduce(0) { $0 + (rw.constant($1)?.elementCount ?? 0) }
    for case let output? in node.outputs {
      guard let count = rw.staticShape(output)?.checkedElementCount,
        count <= max(65_536, 2 * read) || (count <= 1 << 28 && isWeight(output, rw))
      else { return false }
    }
    let context = TypeInference().context(
      inputs: node.inputs, outputCount: node.outputs.count, name: node.name, in: rw.graph)
    return node.op.multiplyAccumulates(context).value.map { $0 <= 100_000_000 } ?? false
  }
}
