package import Diagnostics
package import IR
import Tensors

/// A matrix product of operands that may be transposed, times a number: `Y = alpha * A' * B'`.
///
/// - Inputs: `A` and `B` as of MatMul, before transposition. Output: `Y`.
/// - Attributes: `alpha` (1); `transA` and `transB` swap the last two axes, after `transBatchA` and `transBatchB` have moved
///   the first axis in front of the last.
/// - Errors: those of MatMul.
/// - Source: com.microsoft FusedMatMul-1.
package struct FusedMatMul: ContributedOp {
  package static let schema = OpSchema(
    "FusedMatMul", domain: "com.microsoft", versions: [1],
    inputs: [.required("A", "T"), .required("B", "T")], outputs: [.required("Y", "T")],
    types: ["T": .floats])

  private static let swapNames = ["transA", "transB"]
  private static let batchNames = ["transBatchA", "transBatchB"]

  private let alpha: Double
  /// For each operand.
  private let swaps: [Bool]
  private let movesBatch: [Bool]

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    alpha = try attributes.float("alpha", default: 1)
    var (swaps, moves): ([Bool], [Bool]) = ([], [])
    for name in Self.swapNames { swaps.append(try attributes.flag(name)) }
    for name in Self.batchNames { moves.append(try attributes.flag(name)) }
    (self.swaps, movesBatch) = (swaps, moves)
  }

  package var attributes: Attributes {
    Attributes {
      $0.float("alpha", alpha, default: 1)
      for (name, value) in zip(Self.swapNames, swaps) { $0.flag(name, value) }
      for (name, value) in zip(Self.batchNames, movesBatch) { $0.flag(name, value) }
    }
  }

  package func compose(_ graph: inout Composer) throws(Diagnostic) -> [ValueID] {
    let a = try operand(0, &graph)
    let b = try operand(1, &graph)
    let product = try graph.add(MatMul(), a, b)
    if alpha == 1 { return [product] }
    let factor = graph.scalar(alpha, graph.type(product)?.element ?? .f32)
    return [try graph.add(Mul(), product, factor)]
  }

  private func operand(_ index: Int, _ graph: inout Composer) throws(Diagnostic) -> ValueID {
    let value = try graph.input(index)
    let rank = try graph.shape(value).count
    guard rank >= 2, swaps[index] || movesBatch[index] else { return value }
    var order = Array(0..<rank)
    if movesBatch[index] { order = Array(1..<rank - 1) + [0, rank - 1] }
    if swaps[index] { order.swapAt(rank - 2, rank - 1) }
    return try graph.add(Transpose(permutation: order), value)
  }
}
