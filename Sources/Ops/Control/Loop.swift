package import Diagnostics
package import IR
package import Tensors

/// Runs a graph again and again: at most `M` times, and as long as the condition that it computes is true.
///
/// - Inputs: `M`, optional, one `i64`; `cond`, optional, one boolean: whether there is a first run; `v_initial...`, the
///   values that are carried from run to run, of any kind; what the body captures. Outputs: the carried values after the last run,
///   then for each further output of the body its results of all runs, `[runs, ...]`.
/// - Attributes: `body`: a graph of the number of the run, the condition and the carried values, which gives the next condition,
///   the carried values and what is collected; `captures`: how many inputs are captured.
/// - Errors: `region.inputs`, `region.outputs`, `region.input-type`, `region.types`, `control.condition`, `control.count`,
///   `shape.mismatch`.
/// - Source: ONNX Loop-25 (versions 1, 11, 13 with sequences, 16 with optionals, 19, 21, 23, 24, 25).
package struct Loop: RegionOp, Composed {
  package static let schema = OpSchema(
    "Loop", versions: [1, 11, 13, 16, 19, 21, 23, 24, 25],
    inputs: [.optional("M", "I"), .optional("cond", "B"), .variadic("v_initial", "", minimum: 0)],
    outputs: [.variadic("outputs", "")], types: ["I": .i64, "B": .bool])

  package var body: Graph
  package var captureCount: Int

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    guard let body = try attributes.graph("body") else { throw attributes.missing("body") }
    self.body = body
    captureCount = try attributes.int(Self.captureAttribute, default: 0)
  }

  package init(body: Graph, captureCount: Int) {
    self.body = body
    self.captureCount = captureCount
  }

  package var attributes: Attributes {
    Attributes {
      $0["body"] = .graph(body)
      $0.int(Self.captureAttribute, captureCount, default: 0)
    }
  }

  package var isDeterministic: Bool { body.isDeterministic }

  /// How many values are carried.
  package var carriedCount: Int { max(0, body.inputs.count - 2 - captureCount) }

  package static func argumentTypes(of name: String, node: ImportedNode, types: [ValueType?])
    -> [ValueType?]
  {
    [.tensor(.i64, []), .tensor(.bool, [])] + types.dropFirst(2)
  }

  package static func feedback(of name: String, node: ImportedNode, inputCount: Int)
    -> [(output: Int, input: Int)]
  {
    (0..<max(0, inputCount - 2)).map { ($0 + 1, $0 + 2) }
  }

  package static func ownInputCount(_ node: ImportedNode) -> Int { max(2, node.inputs.count) }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let carried = Array(context.types.dropFirst(2).dropLast(captureCount))
    try check(body, "body", own: [nil, nil] + carried, context)
    let scanned = body.outputs.dropFirst(1 + carried.count)
    guard body.outputs.count > carried.count else {
      throw Diagnostic(
        "region.outputs",
        "graph 'body' has \(body.outputs.count) outputs, expected at least \(1 + carried.count)")
    }
    let known = context.outerSymbols
    var types: [ValueType] = []
    for (number, initial) in carried.enumerated() {
      let final = body[body.outputs[number + 1]].type
      let entered = body[body.inputs[number + 2]].type
      guard entered.accepts(final) else {
        throw Diagnostic(
          "region.types",
          "carried value \(number) is \(entered) before a run of 'body' and \(final) after it")
      }
      types.append(carry(initial, final, number, known, context))
    }
    for (number, id) in scanned.enumerated() {
      let output = carried.count + number
      guard let type = body[id].type.tensor else {
        throw Diagnostic(
          "region.types", "output \(output) collects \(body[id].type), expected a tensor")
      }
      types.append(collected(type, output, known, context))
    }
    return types
  }

  /// The type of a carried value after any number of runs.
  private func carry(
    _ initial: ValueType?, _ final: ValueType, _ number: Int, _ known: Set<Symbol>,
    _ context: InferenceContext
  ) -> ValueType {
    // An optional that the body takes and does not give is gone after the first run.
    if case .optional? = initial {
      guard case .optional = final else { return final }
    }
    return initial?.joined(with: final) {
      $0.symbols.isSubset(of: known)
    } fresh: {
      context.freshDimension(output: number, axis: $0)
    } ?? final
  }

  private func collected(
    _ type: TensorType, _ output: Int, _ known: Set<Symbol>, _ context: InferenceContext
  ) -> ValueType {
    guard let shape = type.shape else { return .tensor(TensorType(type.element, nil)) }
    let runs = runCount(context) ?? context.freshDimension(output: output, axis: 0)
    // With no run at all a dimension that is not a number is zero.
    let isRun = runs.lowerBound.map { $0 > 0 } ?? false
    let inner = shape.enumerated().map { axis, dimension in
      dimension.isConstant || (isRun && dimension.symbols.isSubset(of: known))
        ? dimension : context.freshDimension(output: output, axis: axis + 1)
    }
    return .tensor(type.element, [runs] + inner)
  }

  /// The number of runs, where only `M` decides it.
  package func runCount(_ context: InferenceContext) -> IndexExpr? {
    guard context.hasInput(0), let count = context.contents(0)?.first, continues(context) else {
      return nil
    }
    if let value = count.value { return IndexExpr(max(0, value)) }
    return count.isDimension ? count : nil
  }

  /// Whether the condition is true before and after every run.
  private func continues(_ context: InferenceContext) -> Bool {
    guard let output = body.outputs.first else { return false }
    func isTrue(_ tensor: Tensor?) -> Bool {
      tensor.map { $0.type == .bool && $0.array(of: Bool.self).allSatisfy { $0 } } ?? false
    }
    guard !context.hasInput(1) || isTrue(context.constant(1)) else { return false }
    var source = output
    while let node = body.producer(of: source), body[node].op is Identity,
      let input = body[node].inputs.first ?? nil
    {
      source = input
    }
    return source == body.inputs[1] || isTrue(body.constant(source))
  }

  package func composition(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    guard let runs = runCount(context)?.value, runs > 0, Unrolling.allows(runs, of: body) else {
      return nil
    }
    var graph = Composer(context)
    let count = carriedCount
    var carried: [ValueID?] = (0..<count).map { graph.optional($0 + 2) }
    var collected: [[ValueID]] = Array(repeating: [], count: body.outputs.count - count - 1)
    for run in 0..<runs {
      let number = Tensor(scalar: Int64(run)).reshaped(to: oneElementShape(0))
      let condition = Tensor(scalar: true).reshaped(to: oneElementShape(1))
      let results = try graph.inline(
        body,
        [graph.constant(number), graph.constant(condition)] + carried + graph.suffix(captureCount))
      carried = Array(results[1..<count + 1])
      for (place, value) in results[(count + 1)...].enumerated() { collected[place].append(value) }
    }
    var outputs = carried.compactMap { $0 }
    for parts in collected { outputs.append(try graph.stack(parts, axis: 0)) }
    return graph.finish(outputs)
  }

  package func evaluate(_ inputs: [Value?], outputCount: Int) throws(Diagnostic) -> [Value] {
    let captured = try ControlFlow.captured(inputs, captureCount)
    let own = inputs.dropLast(captureCount)
    var carried = try ControlFlow.required(own.dropFirst(2))
    var limit = Int.max
    if let count = own.first ?? nil { limit = try ControlFlow.count(count, "M") }
    var continues = true
    if own.count > 1, let condition = own[1] {
      continues = try ControlFlow.flag(condition, "cond")
    }
    let count = carried.count
    var collected: [[Tensor]] = Array(repeating: [], count: body.outputs.count - count - 1)
    var run = 0
    while run < limit, continues {
      let number = Tensor(scalar: Int64(run)).reshaped(to: oneElementShape(0))
      let condition = Tensor(scalar: continues).reshaped(to: oneElementShape(1))
      let results = try body.evaluate([.tensor(number), .tensor(condition)] + carried + captured)
      continues = try ControlFlow.flag(results[0], "cond_out")
      carried = Array(results[1..<count + 1])
      for (place, value) in results[(count + 1)...].enumerated() {
        guard let tensor = value.tensor else {
          throw Diagnostic("region.types", "a collected value is \(value.type), expected a tensor")
        }
        collected[place].append(tensor)
      }
      run += 1
    }
    var scanned: [Value] = []
    for (place, parts) in collected.enumerated() {
      scanned.append(.tensor(try stacked(parts, body.outputs[count + 1 + place])))
    }
    return carried + scanned
  }

  /// Shapes of one element are one and the same to a body that declares them.
  private func oneElementShape(_ input: Int) -> [Int] {
    let shape = body.tensorType(body.inputs[input])?.staticShape
    return shape?.elementCount == 1 ? shape ?? [] : []
  }

  private func stacked(_ parts: [Tensor], _ id: ValueID) throws(Diagnostic) -> Tensor {
    guard parts.isEmpty else { return try .stack(parts, axis: 0) }
    let type = body.tensorType(id)
    return Tensor(
      zeros: [0] + (type?.shape ?? []).map { $0.value ?? 0 }, type: type?.element ?? .f32)
  }
}

extension InferenceContext {
  /// All symbols in the types of tensors among the inputs.
  var outerSymbols: Set<Symbol> { capturedSymbols(types.count) }
}
