import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Writes constant integers of fewer than 8 bits as bytes, which kernels multiply.
  ///
  ///     %w = DequantizeLinear(%q, %s, %z)       // %q: i4, also u4, i2, u2
  /// ->
  ///     %w = DequantizeLinear(%q8, %s, %z8)     // i8
  ///
  /// Every number stays what it was. Precondition: one scale, or one per place along an axis; those of blocks belong to parts
  /// of a sum, which integers cannot add up, so that such weights stay as small as they are.
  package static let widenWeights = Pass(
    "widen-weights", "write constant integers of fewer than 8 bits as bytes"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let match = rw.match(id, as: DequantizeLinear.self), match.op.grid.blockSize == 0,
        let tensor = rw.constant(match.input(0)), let wide = wider(tensor.type)
      else { continue }
      var inputs = match.node.inputs
      for index in [0, 2] where index < inputs.count {
        guard let value = inputs[index] else { continue }
        let name = rw.graph[value].name + ".bytes"
        if let small = rw.constant(value), let integers = small.integers {
          inputs[index] = rw.makeConstant(
            Tensor(integers: integers, shape: small.shape, type: wide), name: name)
        } else {
          inputs[index] = try rw.insert(Cast(to: wide), inputs: [value], before: id, name: name)
        }
      }
      try rw.replace(id, with: match.op, inputs: inputs)
    }
  }

  private static func wider(_ type: ElementType) -> ElementType? {
    switch type {
    case .i4, .i2: .i8
    case .u4, .u2: .u8
    default: nil
    }
  }
}
