package import Diagnostics
package import IR
import Tensors

/// A matrix product with weights of 4 or 8 bits, which every block along K scales.
///
///     weight[n, k] = (bits[n, k] - zero[n, k / block]) * scale[n, k / block];  Y = A * weight^T + bias
///
/// - Inputs: `A` `[..., M, K]`; `B` `u8[N, blocks, block * bits / 8]`, the lower bits first; `scales` `[N * blocks]`; optional `zero_points`,
///   packed like `B` with rows that begin at a byte, or of the scales' type, `2^(bits - 1)` by default; `g_idx`, and `bias` `[N]`.
///   Output: `Y` `[..., M, N]`.
/// - Attributes: `K`, `N`, `block_size` (required), `bits` (4), `accuracy_level` (kept, without effect).
/// - Errors: `attribute.missing`, `attribute.value` (unsupported) for other bits, `operand.unsupported` (unsupported) for
///   `g_idx`, those of Reshape and MatMul.
/// - Source: com.microsoft MatMulNBits-1.
package struct MatMulNBits: ContributedOp {
  package static let schema = OpSchema(
    "MatMulNBits", domain: "com.microsoft", versions: [1],
    inputs: [
      .required("A", "T"), .required("B", "U"), .required("scales", "T"),
      .optional("zero_points", "Z"), .optional("g_idx", "I"), .optional("bias", "T"),
    ],
    outputs: [.required("Y", "T")],
    types: ["T": .floats, "U": [.u8], "Z": TypeSet.floats.union([.u8]), "I": [.i32]])

  private let inner: Int
  private let columns: Int
  private let bits: Int
  private let blockSize: Int
  private let accuracyLevel: Int

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    var numbers: [Int] = []
    for name in ["K", "N", "block_size"] {
      guard let number = try attributes.optionalInt(name) else { throw attributes.missing(name) }
      guard number > 0 else {
        throw Diagnostic("attribute.value", "\(name) is \(number), expected at least 1")
      }
      numbers.append(number)
    }
    (inner, columns, blockSize) = (numbers[0], numbers[1], numbers[2])
    bits = try attributes.int("bits", default: 4)
    accuracyLevel = try attributes.int("accuracy_level", default: 0)
    guard bits == 4 || bits == 8 else {
      throw .unsupported(
        "attribute.value", "weights of \(bits) bits are not supported, but of 4 and 8")
    }
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("K", inner)
      $0.int("N", columns)
      $0.int("block_size", blockSize)
      $0.int("bits", bits, default: 4)
      $0.int("accuracy_level", accuracyLevel, default: 0)
    }
  }

  package func compose(_ graph: inout Composer) throws(Diagnostic) -> [ValueID] {
    guard graph.optional(4) == nil else {
      throw .unsupported("operand.unsupported", "g_idx is given, which is not supported")
    }
    let a = try graph.input(0)
    let element = graph.type(a)?.element ?? .f32
    let blocks = (inner + blockSize - 1) / blockSize
    let perBlock = graph.integers([columns, blocks, 1])
    let whole = try unpacked(graph.input(1), [columns, blocks, blockSize], &graph)
    var weights = try graph.add(Cast(to: element), whole)
    let zero: ValueID
    if let given = graph.optional(3) {
      var points = given
      if graph.type(given)?.element == .u8 {
        // Rows of an odd number of blocks end within a byte.
        let padded = (blocks * bits + 7) / 8 * 8 / bits
        let all = try unpacked(given, [columns, padded], &graph)
        let kept = try graph.add(
          Slice(), all, graph.integers([0]), graph.integers([blocks]), graph.integers([1]))
        points = try graph.add(Cast(to: element), kept)
      }
      zero = try graph.add(Reshape(), points, perBlock)
    } else {
      zero = graph.scalar(Double(1 << (bits - 1)), element)
    }
    weights = try graph.add(Sub(), weights, zero)
    let scales = try graph.add(Reshape(), graph.input(2), perBlock)
    weights = try graph.add(Mul(), weights, scales)
    weights = try graph.add(
      Reshape(), weights, graph.integers([columns, blocks * blockSize]))
    if blocks * blockSize != inner {
      weights = try graph.add(
        Slice(), weights, graph.integers([0]), graph.integers([inner]), graph.integers([1]))
    }
    let product = try graph.add(
      MatMul(), a, graph.add(Transpose(permutation: [1, 0]), weights))
    return [
      try graph.optional(5).map { bias throws(Diagnostic) in
        try graph.add(Add(), product, bias)
      } ?? product
    ]
  }

  /// The integers in bytes, the lower bits first.
  private func unpacked(
    _ bytes: ValueID, _ shape: [Int], _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    guard bits == 4 else { return try graph.add(Reshape(), bytes, graph.integers(shape)) }
    let low = try graph.add(BitwiseAnd(), bytes, graph.constant(Tensor(scalar: UInt8(15))))
    let high = try graph.add(
      BitShift(shiftsLeft: false), bytes, graph.constant(Tensor(scalar: UInt8(4))))
    let pairs = try graph.stack([low, high], axis: -1)
    return try graph.add(Reshape(), pairs, graph.integers(shape))
  }
}
