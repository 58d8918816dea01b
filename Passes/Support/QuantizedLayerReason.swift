package import IR
import Ops
import PassManager
import Tensors

/// Why a layer of a quantized model is not computed in integers.
package enum QuantizedLayerReason {
  /// The reason for the layer of that name in a graph of QuantizeLinear and DequantizeLinear.
  package static func text(of name: String, in graph: Graph) -> String {
    guard let id = graph.nodeIDs.first(where: { graph[$0].name == name }) else {
      return "it is not a layer of the model"
    }
    let (node, rw) = (graph[id], Rewriter(graph))
    for (number, what) in ["input", "weights"].enumerated() {
      if number < node.inputs.count,
        let match = rw.def(of: node.inputs[number], as: DequantizeLinear.self),
        match.op.grid.blockSize != 0
      {
        return
          "its \(what): one scale per block of \(match.op.grid.blockSize), expected one for a whole sum"
      }
      guard number < node.inputs.count, let source = Dequantized(node.inputs[number], rw) else {
        return "its \(what) are not dequantized by constant parameters"
          .replacing("input are", with: "input is")
      }
      let type = source.parameters.type
      let isKnown = type == .u8 || type == .i8 || (number == 0 && type == .u16)
      if !isKnown { return "its \(what): type \(type), expected 8 bits" }
      if number == 1, rw.constant(source.value) == nil,
        Dequantized(node.inputs[0], rw)?.parameters.type == .u16
      {
        return "its input has 16 bits and its weights are computed"
      }
      if number == 0, !source.parameters.isPerTensor {
        return "its input has one scale per slice, expected one for all"
      }
    }
    if let transpose = node.op as? ConvTranspose, node.inputs.count > 1,
      let weights = Dequantized(node.inputs[1], rw)
    {
      guard let tensor = rw.constant(weights.value) else { return "its weights are computed" }
      if let fault = TransposedLayer.fault(transpose, tensor, weights.parameters) { return fault }
    }
    return "its weights have scales along an axis that sums run over, or it scales its operands"
  }
}
