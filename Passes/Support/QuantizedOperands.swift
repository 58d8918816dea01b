package import IR
import Ops
package import Tensors

/// Which inputs of a node become integers when the node does.
package enum QuantizedOperands {
  /// The positions of the operands that are read as quantized values or constants; shapes, indices and biases are not
  /// among them.
  package static func positions(of node: Node) -> [Int] {
    let count: Int =
      switch node.op {
      case is Conv, is ConvTranspose, is Gemm, is MatMul, is Add, is Mul: 2
      case is Concat: node.inputs.count
      default: 1
      }
    return node.inputs.indices.prefix(count).filter { node.inputs[$0] != nil }
  }

  /// The axis of a constant operand along which output channels run; nil where there is none.
  ///
  /// Transposed convolutions of several groups share a scale between the groups, as their axis 1 is all they have.
  package static func channelAxis(of node: Node, operand: Int, rank: Int) -> Int? {
    switch node.op {
    case is Conv: operand == 1 ? 0 : nil
    case is ConvTranspose: operand == 1 ? 1 : nil
    case let gemm as Gemm:
      operand == 1 ? (gemm.transB ? 0 : 1) : (gemm.transA ? 1 : 0)
    case is MatMul:
      rank < 2 ? nil : (operand == 1 ? rank - 1 : rank - 2)
    default: nil
    }
  }

  /// The bias of a layer as one number per output channel, where it is a constant that integer kernels can add to
  /// their sums.
  package static func bias(of node: Node, in graph: Graph) -> Tensor? {
    guard node.inputs.count > 2, let tensor = graph.constant(node.inputs[2]), tensor.type == .f32
    else { return nil }
    switch node.op {
    case is Conv, is ConvTranspose: return tensor
    case let gemm as Gemm:
      guard gemm.alpha == 1, gemm.beta == 1, tensor.shape.last == tensor.elementCount else {
        return nil
      }
      return tensor.reshaped(to: [tensor.elementCount])
    default: return nil
    }
  }
}
