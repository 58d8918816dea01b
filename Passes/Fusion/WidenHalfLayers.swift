import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Lets layers of 16-bit floats compute on f32, whose kernels they then have.
  ///
  ///     %y = Conv(%x, %w)               // f16
  /// ->
  ///     %x2 = Cast(%x) {to = 1}
  ///     %y2 = Conv(%x2, %w2)            // %w2: the constant %w as f32
  ///     %y = Cast(%y2) {to = 10}
  ///
  /// f16 and bf16 are storage types: sums of products are of f32 anyway, and rounded once, so convolutions and products
  /// keep their numbers. Attention and recurrent layers round once instead of after every step, which is nearer to what
  /// exact arithmetic gives (docs/numerics.md).
  package static let widenHalfLayers = Pass(
    "widen-half-layers", "let layers of 16-bit floats compute on f32"
  ) { (rw) throws(Diagnostic) in
    var constants: [ValueID: ValueID] = [:]
    for id in rw.graph.nodeIDs {
      guard let node = rw.node(id), isLayer(node.op), !node.outputs.isEmpty,
        let half = rw.type(node.inputs.first ?? nil)?.element, half == .f16 || half == .bf16,
        node.outputs.allSatisfy({ $0 == nil || rw.type($0)?.element == half })
      else { continue }
      var inputs = node.inputs
      for (index, input) in inputs.enumerated() {
        guard let input, rw.type(input)?.element == half else { continue }
        inputs[index] = try widened(input, before: id, &rw, &constants)
      }
      let name = rw.graph[id].name + ".wide"
      let wide = try rw.insertNode(
        node.op, inputs: inputs, before: id, name: name, outputCount: node.outputs.count)
      for (output, value) in zip(node.outputs, wide) {
        // What nobody reads goes away with the first that has been replaced.
        guard let output, rw.graph.contains(output) else { continue }
        let narrow = try rw.insert(
          Cast(to: half), inputs: [value], before: id, name: rw.graph[output].name + ".half")
        _ = try rw.forward(output, to: narrow)
      }
      if rw.node(id) != nil { rw.erase(id) }
    }
  }

  /// Whether an operator adds up products, for which there are kernels of f32.
  private static func isLayer(_ op: any Op) -> Bool {
    op is Conv || op is ConvTranspose || op is Gemm || op is MatMul || op is Attention
      || op is any RecurrentOp
  }

  private static func widened(
    _ value: ValueID, before id: NodeID, _ rw: inout Rewriter, _ constants: inout [ValueID: ValueID]
  ) throws(Diagnostic) -> ValueID {
    if let known = constants[value] { return known }
    let name = rw.graph[value].name + ".wide"
    guard let tensor = rw.constant(value) else {
      return try rw.insert(Cast(to: .f32), inputs: [value], before: id, name: name)
    }
    let wide = rw.makeConstant(tensor.converted(to: .f32), name: name)
    constants[value] = wide
    return wide
  }
}
