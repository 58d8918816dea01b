import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Writes means and maxima over all positions as global pools, which know the layouts of convolutions.
  ///
  ///     %y = ReduceMean(%x, [2, 3]) {keepdims = 0}      // %x: f32[N, C, H, W]; also ReduceMax
  ///     %z = AveragePool(%x) {kernel_shape = [H, W]}    // also MaxPool
  /// ->
  ///     %p = GlobalAveragePool(%x)
  ///     %y = Reshape(%p, [0, C])
  ///     %z = GlobalAveragePool(%x)
  ///
  /// Preconditions: floats of rank 3 or more; exactly the axes from the third on; a window as large as the input, without
  /// padding or dilation, its places not asked for.
  package static let canonicalizeGlobalPools = Pass(
    "canonicalize-global-pools", "write means and maxima over all positions as global pools"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let node = rw.node(id), let x = node.inputs.first ?? nil,
        let shape = rw.shape(x), shape.count >= 3, rw.type(x)?.element.isFloat == true,
        let output = node.outputs.first ?? nil, let op = globalPool(node, shape, &rw)
      else { continue }
      let pooled = Array(shape.prefix(2)) + Array(repeating: 1, count: shape.count - 2)
      if rw.shape(output) == pooled {
        try rw.replace(id, with: op, inputs: [x])
        continue
      }
      guard let target = ReshapeTarget.marks(from: pooled, to: rw.shape(output)) else { continue }
      let name = rw.graph[output].name
      let pool = try rw.insert(op, inputs: [x], before: id, name: name + ".pooled")
      let constant = rw.makeConstant(
        Tensor(target.map(Int64.init), shape: [target.count]), name: name + ".shape")
      try rw.replace(id, with: Reshape(), inputs: [pool, constant])
    }
  }

  /// The global pool that a node is; nil for every other node.
  private static func globalPool(
    _ node: Node, _ shape: [IndexExpr], _ rw: inout Rewriter
  ) -> (any Op)? {
    switch node.op {
    case is ReduceMean: return reducesPositions(node, shape, &rw) ? GlobalAveragePool() : nil
    case is ReduceMax: return reducesPositions(node, shape, &rw) ? GlobalMaxPool() : nil
    case let pool as AveragePool: return covers(pool.window, shape) ? GlobalAveragePool() : nil
    case let pool as MaxPool where node.outputs.count == 1:
      return covers(pool.window, shape) ? GlobalMaxPool() : nil
    default: return nil
    }
  }

  private static func reducesPositions(
    _ node: Node, _ shape: [IndexExpr], _ rw: inout Rewriter
  ) -> Bool {
    guard node.inputs.count > 1, let axes = rw.integers(node.inputs[1]) else { return false }
    return axes.map { $0 < 0 ? $0 + shape.count : $0 }.sorted() == Array(2..<shape.count)
  }

  private static func covers(_ window: WindowAttributes, _ shape: [IndexExpr]) -> Bool {
    guard let kernel = window.kernelShape, kernel.count == shape.count - 2,
      window.autoPad == .notSet || window.autoPad == .valid,
      window.dilations?.allSatisfy({ $0 == 1 }) ?? true,
      window.autoPad == .valid || window.pads?.allSatisfy({ $0 == 0 }) ?? true
    else { return false }
    return zip(kernel, shape.dropFirst(2)).allSatisfy { IndexExpr($0) == $1 }
  }
}
