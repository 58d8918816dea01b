package import Diagnostics
package import IR
package import Tensors

/// The results of one of two graphs: of `then_branch` where the condition is true, otherwise of `else_branch`.
///
/// - Inputs: `cond`, one boolean; what the branches capture. Outputs: those of the branch that runs, of any kind; their shapes may differ.
/// - Attributes: `then_branch`, `else_branch`: graphs without inputs of their own; `captures`: how many inputs are captured.
/// - Errors: `region.inputs`, `region.outputs`, `region.input-type`, `region.types`, `control.condition`.
/// - Source: ONNX If-25 (versions 1, 11, 13 with sequences, 16 with optionals, 19, 21, 23, 24, 25).
package struct If: RegionOp, Composed {
  package static let schema = OpSchema(
    "If", versions: [1, 11, 13, 16, 19, 21, 23, 24, 25],
    inputs: [.required("cond", "B"), .variadic("captured", "", minimum: 0)],
    outputs: [.variadic("outputs", "")], types: ["B": .bool])

  package var thenBranch: Graph
  package var elseBranch: Graph
  package var captureCount: Int

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    guard let thenBranch = try attributes.graph("then_branch") else {
      throw attributes.missing("then_branch")
    }
    guard let elseBranch = try attributes.graph("else_branch") else {
      throw attributes.missing("else_branch")
    }
    self.thenBranch = thenBranch
    self.elseBranch = elseBranch
    captureCount = try attributes.int(Self.captureAttribute, default: 0)
  }

  package init(thenBranch: Graph, elseBranch: Graph, captureCount: Int) {
    self.thenBranch = thenBranch
    self.elseBranch = elseBranch
    self.captureCount = captureCount
  }

  package var attributes: Attributes {
    Attributes {
      $0["then_branch"] = .graph(thenBranch)
      $0["else_branch"] = .graph(elseBranch)
      $0.int(Self.captureAttribute, captureCount, default: 0)
    }
  }

  package var isDeterministic: Bool { thenBranch.isDeterministic && elseBranch.isDeterministic }

  package static func argumentTypes(of name: String, node: ImportedNode, types: [ValueType?])
    -> [ValueType?]
  { [] }

  package static func chosenRegion(_ constants: [Tensor?]) -> String? {
    guard let condition = constants.first ?? nil, condition.type == .bool,
      condition.elementCount == 1
    else { return nil }
    return condition.array(of: Bool.self)[0] ? "then_branch" : "else_branch"
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let known = context.capturedSymbols(captureCount)
    if let chosen = Self.chosenRegion(context.constants) {
      let branch = chosen == "then_branch" ? thenBranch : elseBranch
      try check(branch, chosen, own: [], context)
      return branch.outputs.enumerated().map { number, id in
        branch[id].type.withKnownSymbols(known) {
          context.freshDimension(output: number, axis: $0)
        }
      }
    }
    try check(thenBranch, "then_branch", own: [], context)
    try check(elseBranch, "else_branch", own: [], context)
    try check(elseBranch, "else_branch", outputs: thenBranch.outputs.count)
    var types: [ValueType] = []
    for (number, (a, b)) in zip(thenBranch.outputs, elseBranch.outputs).enumerated() {
      let (p, q) = (thenBranch[a].type, elseBranch[b].type)
      let joined = p.joined(with: q) {
        $0.symbols.isSubset(of: known)
      } fresh: {
        context.freshDimension(output: number, axis: $0)
      }
      guard let joined else {
        throw Diagnostic(
          "region.types", "output \(number) is \(p) in one branch and \(q) in the other")
      }
      types.append(joined)
    }
    return types
  }

  package func composition(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    guard let chosen = Self.chosenRegion(context.constants) else { return nil }
    var graph = Composer(context)
    let branch = chosen == "then_branch" ? thenBranch : elseBranch
    let outputs = try graph.inline(branch, graph.suffix(captureCount))
    return graph.finish(outputs)
  }

  package func evaluate(_ inputs: [Value?], outputCount: Int) throws(Diagnostic) -> [Value] {
    let condition = try ControlFlow.flag(inputs.first ?? nil, "cond")
    let captured = try ControlFlow.captured(inputs, captureCount)
    return try (condition ? thenBranch : elseBranch).evaluate(captured)
  }
}
