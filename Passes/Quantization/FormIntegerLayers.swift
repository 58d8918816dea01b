import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Computes convolutions and matrix products of dequantized bytes on the bytes.
  ///
  ///     %x = DequantizeLinear(%xq, %sx, %zx)
  ///     %w = DequantizeLinear(%wq, %sw, %zw)    // one scale, or one per filter or column
  ///     %b = DequantizeLinear(%bq, %sb)         // %bq: i32, %sb = %sx * %sw; or a float constant, or none
  ///     %y = Conv(%x, %w, %b)                   // also ConvTranspose, Gemm, MatMul
  /// ->
  ///     %y = martlet.ConvIntegerToFloat(%xq, %wq, %zx, %zw, %sx * %sw, %bq)
  ///
  /// A bias of floats is added behind it. Precondition: 8 bits; one scale and zero point for %x.
  package static let formIntegerLayers = Pass(
    "form-integer-layers", "compute convolutions and products of dequantized bytes on the bytes"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let node = rw.node(id), let layer = QuantizedLayer(node, &rw) else { continue }
      var inputs: [ValueID?] = [layer.input.value, layer.weights]
      for (name, tensor) in layer.parameters(named: node.name) {
        inputs.append(rw.makeConstant(tensor, name: name))
      }
      switch layer.bias {
      case .none:
        try rw.replace(id, with: layer.op, inputs: inputs)
      case .integers(let value):
        try rw.replace(id, with: layer.op, inputs: inputs + [value])
      case .floats(let value):
        let sum = try rw.insert(layer.op, inputs: inputs, before: id, name: node.name + ".sum")
        try rw.replace(id, with: Add(), inputs: [sum, value])
      }
    }
  }
}
