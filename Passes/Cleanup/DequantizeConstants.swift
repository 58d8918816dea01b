import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Computes DequantizeLinear of constants that no integer kernel has taken in.
  ///
  ///     %w = DequantizeLinear(%q, %s, %z)       // all three constants
  /// ->
  ///     %w = constant f32[...]
  ///
  /// `fold-constants` leaves these nodes, since the integers are the smaller and exact form that integer kernels want;
  /// this pass runs when those have had their turn. Precondition: the result is a tensor of the inferred type.
  package static let dequantizeConstants = Pass(
    "dequantize-constants", "compute DequantizeLinear of constants"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let node = rw.node(id), isQuantizer(node.op), let output = node.outputs[0],
        node.inputs.allSatisfy({ $0 == nil || rw.constant($0) != nil })
      else { continue }
      let operands = node.inputs.map { rw.constant($0).map { Value.tensor($0) } }
      guard let result = try? node.op.evaluate(operands, outputCount: 1).first?.tensor,
        result.type == rw.type(output)?.element
      else { continue }
      try rw.forward(output, to: result)
    }
  }
}
