import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Removes nodes that return their input as it is.
  ///
  ///     %y = Identity(%x)           // also Dropout in inference, Cast to the same type, Clip without bounds,
  ///     %z = Mul(%y, 1)             // Add 0, Sub 0, Div 1, Pow 1, Sum, Max, Min or Mean of one,
  ///                                 // Concat of one, Transpose, Reshape, Squeeze, Unsqueeze, Flatten, Expand,
  ///                                 // Tile, Slice and Pad that leave the shape and the order as they are
  /// ->
  ///     (readers of %z read %x)
  ///
  /// Preconditions: input and output have provably equal types; a graph output that would lose its name keeps its node.
  package static let eliminateNoOps = Pass(
    "eliminate-no-ops", "remove nodes that return their input as it is"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let node = rw.node(id), let output = node.outputs.first ?? nil,
        let source = unchangedInput(of: node, &rw), rw.haveSameType(source, output)
      else { continue }
      try rw.forward(output, to: source)
    }
  }

  /// The input that the node's first output equals, if its shape is the output's.
  private static func unchangedInput(of node: Node, _ rw: inout Rewriter) -> ValueID? {
    let first = node.inputs.first ?? nil
    switch node.op {
    case is Identity, is Reshape, is Squeeze, is Unsqueeze, is Flatten, is Expand, is Tile, is Cast:
      return first
    case is Sum, is Max, is Min, is Mean, is Concat:
      return node.inputs.count == 1 ? first : onlyFilledInput(of: node, rw)
    case is Clip:
      return node.inputs.dropFirst().allSatisfy { $0 == nil } ? first : nil
    case let transpose as Transpose:
      guard let rank = rw.rank(first), let axes = try? transpose.permutation(rank: rank) else {
        return nil
      }
      return axes == Array(0..<rank) ? first : nil
    case is Dropout:
      return isInference(node, rw) ? first : nil
    case is Pad:
      guard node.inputs.count > 1, let pads = rw.integers(node.inputs[1]) else { return nil }
      return pads.allSatisfy { $0 == 0 } ? first : nil
    case is Slice:
      // With the shape unchanged only a negative step can still reorder.
      guard node.inputs.count > 4, let steps = node.inputs[4] else { return first }
      return rw.integers(steps)?.allSatisfy { $0 > 0 } == true ? first : nil
    case is Add, is Sub, is Mul, is Div, is Pow:
      return neutralOperand(of: node, rw)
    default: return nil
    }
  }

  /// A Concat beside inputs without elements returns the one that has some.
  private static func onlyFilledInput(of node: Node, _ rw: Rewriter) -> ValueID? {
    guard node.op is Concat else { return nil }
    let filled = node.inputs.compactMap { $0 }.filter { rw.shape($0)?.contains(0) != true }
    return filled.count == 1 ? filled[0] : nil
  }

  private static func isInference(_ node: Node, _ rw: Rewriter) -> Bool {
    for case let mask? in node.outputs.dropFirst() where rw.graph.useCount(of: mask) > 0 {
      return false
    }
    guard node.inputs.count > 2, let training = node.inputs[2] else { return true }
    return rw.uniform(training) == 0
  }

  /// The operand beside a 0 that is added or subtracted, or a 1 that multiplies, divides or is an exponent.
  private static func neutralOperand(of node: Node, _ rw: Rewriter) -> ValueID? {
    guard node.inputs.count == 2 else { return nil }
    let neutral: Double = node.op is Add || node.op is Sub ? 0 : 1
    if rw.uniform(node.inputs[1]) == neutral { return node.inputs[0] }
    let isCommutative = node.op is Add || node.op is Mul
    return isCommutative && rw.uniform(node.inputs[0]) == neutral ? node.inputs[1] : nil
  }
}
