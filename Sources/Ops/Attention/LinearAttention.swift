package import Diagnostics
package import IR
import Tensors

/// Attention whose keys and values are summed up in a state of fixed size, step by step: `S' = S + k (x) v`,
/// `o = scale * q * S'`.
///
/// With a gate the state decays, `exp(g) * S`, before it is used; with the delta rule `beta * (v - k * S)` takes the place of `v`.
///
/// - Inputs: `query` `[N, T, Hq * Dk]`, `key` `[N, T, H * Dk]`, `value` `[N, T, H * Dv]`; optional `past_state` `[N, H, Dk, Dv]`,
///   zeros by default; `decay` `[N, T, H * Dk]` or `[N, T, H]`, logarithms, for rules with a gate; `beta` `[N, T, H]` or `[N, T, 1]` for
///   delta rules. Outputs: `output` `[N, T, Hq * Dv]`; `present_state`. Everything is computed in single precision.
/// - Attributes: `q_num_heads` and `kv_num_heads`, required, the first a multiple of the second; `update_rule`: linear, gated, delta or
///   gated_delta (default); `scale`, `1 / sqrt(Dk)` for 0 (default); `chunk_size` has no effect.
/// - Errors: `attribute.value`, `shape.rank`, `type.missing-input`, `type.unused-input`, `shape.heads`.
/// - Source: ONNX LinearAttention-27; Yang et al. 2024, arXiv:2412.06464.
package struct LinearAttention: FunctionOp {
  package static let schema = OpSchema(
    "LinearAttention", versions: [27],
    inputs: [
      .required("query", "T"), .required("key", "T"), .required("value", "T"),
      .optional("past_state", "S"), .optional("decay", "T"), .optional("beta", "T"),
    ],
    outputs: [.required("output", "T"), .optional("present_state", "S")],
    types: ["T": [.f16, .bf16, .f32], "S": [.f16, .bf16, .f32]])

  package let queryHeads: Int
  package let heads: Int
  package let rule: String
  package let scale: Double
  private let chunkSize: Int

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    queryHeads = try attributes.requiredInt("q_num_heads")
    heads = try attributes.requiredInt("kv_num_heads")
    rule = try attributes.string(
      "update_rule", default: "gated_delta", oneOf: ["linear", "gated", "delta", "gated_delta"])
    scale = try attributes.float("scale", default: 0)
    chunkSize = try attributes.int("chunk_size", default: 64)
    guard heads >= 1, queryHeads >= 1, queryHeads % heads == 0 else {
      throw Diagnostic(
        "attribute.value",
        "q_num_heads is \(queryHeads), expected a multiple of kv_num_heads, \(heads)")
    }
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("q_num_heads", queryHeads)
      $0.int("kv_num_heads", heads)
      $0.string("update_rule", rule, default: "gated_delta")
      $0.float("scale", scale, default: 0)
      $0.int("chunk_size", chunkSize, default: 64)
    }
  }

  private var isGated: Bool { rule.hasPrefix("gated") }
  private var isDelta: Bool { rule.hasSuffix("delta") }

  package func compose(_ graph: inout Composer) throws(Diagnostic) -> [ValueID] {
    let query = try graph.input(0)
    let keySize = try size(try graph.shape(query), queryHeads, "query")
    let valueSize = try size(try graph.shape(try graph.input(2)), heads, "value")
    for (index, name, isUsed) in [(4, "decay", isGated), (5, "beta", isDelta)]
    where (graph.optional(index) != nil) != isUsed {
      throw Diagnostic(
        isUsed ? "type.missing-input" : "type.unused-input",
        "'\(name)' is \(isUsed ? "missing" : "given"), but the rule is \(rule)")
    }
    var scanned = [
      try split(query, queryHeads, &graph), try split(try graph.input(1), heads, &graph),
      try split(try graph.input(2), heads, &graph),
    ]
    if isGated { scanned.append(try split(try graph.input(4), heads, &graph)) }
    if isDelta {
      let beta = try graph.input(5)
      if let count = try graph.shape(beta).last?.value {
        scanned.append(try split(beta, count == 1 ? 1 : heads, &graph))
      } else {
        // One number for each head, or one for all.
        let single = try graph.add(Unsqueeze(), beta, graph.integers([-1]))
        scanned.append(try graph.add(Cast(to: .f32), single))
      }
    }
    let past = try initialState(keySize, valueSize, scanned, &graph)
    var types: [ValueType?] = []
    for (number, value) in ([past] + scanned).enumerated() {
      guard var shape = graph.type(value)?.shape else { continue }
      if number > 0 { shape.remove(at: 1) }
      types.append(.tensor(.f32, shape))
    }
    let scan = Scan(
      body: try step(types, keySize, graph.context.symbolPrefix), scanInputCount: scanned.count,
      inputAxes: scanned.map { _ in 1 }, outputAxes: [1])
    let results = try graph.addAll(scan, [past] + scanned, outputCount: 2)
    let width = valueSize.map { queryHeads * $0 } ?? -1
    let flat = try graph.add(Reshape(), results[1], graph.integers([0, 0, width]))
    return [
      try graph.add(CastLike(), flat, query),
      try graph.add(CastLike(), results[0], graph.optional(3) ?? query),
    ]
  }

  /// The size of one head of a packed operand; nil where that is open.
  private func size(_ shape: [IndexExpr], _ heads: Int, _ name: String) throws(Diagnostic) -> Int? {
    guard shape.count == 3 else {
      throw Diagnostic("shape.rank", "'\(name)' has shape \(shape), expected rank 3")
    }
    guard let width = shape[2].value else { return nil }
    guard width % heads == 0 else {
      throw Diagnostic("shape.heads", "'\(name)' has shape \(shape), expected \(heads) equal heads")
    }
    return width / heads
  }

  /// `[N, T, heads * D]` as `[N, T, heads, D]` in single precision.
  private func split(_ value: ValueID, _ heads: Int, _ graph: inout Composer) throws(Diagnostic)
    -> ValueID
  {
    let size = try size(try graph.shape(value), heads, "an operand")
    let parts = try graph.add(Reshape(), value, graph.integers([0, 0, heads, size ?? -1]))
    return try graph.add(Cast(to: .f32), parts)
  }

  /// - Parameter scanned: the query, key and value by heads, whose sizes count where they are open.
  private func initialState(
    _ keySize: Int?, _ valueSize: Int?, _ scanned: [ValueID], _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    if let past = graph.optional(3) { return try graph.add(Cast(to: .f32), past) }
    let query = try graph.input(0)
    let batch = try graph.size(try graph.shape(query)[0], of: [query])
    var sizes = [batch, graph.integers([heads])]
    for (size, operand) in [(keySize, scanned[1]), (valueSize, scanned[2])] {
      let open = try size == nil ? graph.vector(of: graph.size(of: operand, axis: 3)) : nil
      sizes.append(open ?? graph.integers([size ?? 0]))
    }
    let shape = try graph.addAll(Concat(axis: 0), sizes, outputCount: 1)[0]
    return try graph.add(Expand(), graph.scalar(0, .f32), shape)
  }

  /// The graph of one step: state, query, key, value, decay and beta to the next state and the output.
  private func step(_ types: [ValueType?], _ keySize: Int?, _ prefix: String) throws(Diagnostic)
    -> Graph
  {
    var graph = Composer(
      InferenceContext(
        types: types, constants: [], contents: [], outputCount: 2, symbolPrefix: "\(prefix)/step"))
    let last = graph.integers([-1])
    let row = graph.integers([-2])
    let past = try graph.input(0)
    var state = past
    let key = try graph.input(2)
    var value = try graph.input(3)
    if isGated {
      let factor = try graph.add(Exp(), try graph.input(4))
      state = try graph.add(Mul(), state, graph.add(Unsqueeze(), factor, last))
    }
    if isDelta {
      let known = try graph.add(MatMul(), graph.add(Unsqueeze(), key, row), state)
      let error = try graph.add(Sub(), value, graph.add(Squeeze(), known, row))
      value = try graph.add(Mul(), try graph.input(isGated ? 5 : 4), error)
    }
    let update = try graph.add(
      Mul(), graph.add(Unsqueeze(), key, last), graph.add(Unsqueeze(), value, row))
    state = try graph.add(Add(), state, update)
    if graph.type(state) != graph.type(past) {
      // Open sizes that broadcast: the next state has the shape of the one before.
      state = try graph.add(Reshape(allowZero: true), state, graph.add(Shape(), past))
    }
    let grouped = try graph.add(
      Reshape(), try graph.input(1), graph.integers([0, heads, queryHeads / heads, keySize ?? -1]))
    let read = try graph.add(MatMul(), grouped, state)
    let scaled = try graph.add(Mul(), read, factor(keySize, of: key, &graph))
    let valueSize = try graph.shape(value).last?.value ?? -1
    let output = try graph.add(
      Reshape(), scaled, graph.integers([0, queryHeads, valueSize]))
    return graph.finish([state, output])
  }

  /// The scale, of the key's size by default.
  private func factor(
    _ size: Int?, of key: ValueID, _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    if let known = scale != 0 ? scale : size.map({ 1 / Double($0).squareRoot() }) {
      return graph.scalar(known, .f32)
    }
    let open = try graph.add(Cast(to: .f64), graph.size(of: key, axis: 2))
    return try graph.add(Cast(to: .f32), graph.add(Reciprocal(), graph.add(Sqrt(), open)))
  }
}
