import Diagnostics

/// Replaces calls of model-local functions by their bodies, however deep.
///
/// Source: ONNX, docs/IR.md, "Functions".
struct FunctionInliner {
  let context: ImportContext
  private var result: [SourceNode] = []

  init(_ context: ImportContext) { self.context = context }

  /// The nodes of a graph.
  ///
  /// - Parameter scope: the function in whose body the graph is an attribute: it gives attributes and opsets.
  static func flatten(
    _ nodes: [NodeMessage], scope: FunctionScope?, in context: ImportContext
  ) -> [SourceNode] {
    var inliner = FunctionInliner(context)
    for node in nodes { inliner.add(node, scope: scope, mapsNames: false) }
    return inliner.result
  }

  /// The nodes of a branch that is written out in the graph around it; the scope maps its names.
  static func expand(
    _ nodes: [NodeMessage], scope: FunctionScope, in context: ImportContext
  ) -> [SourceNode] {
    var inliner = FunctionInliner(context)
    for node in nodes { inliner.add(node, scope: scope, mapsNames: true) }
    return inliner.result
  }

  private mutating func add(_ message: NodeMessage, scope: FunctionScope?, mapsNames: Bool) {
    let body = mapsNames ? scope : nil
    let opsets = scope?.opsets ?? context.opsets
    let prefix = body?.prefix ?? ""
    let op = message.op
    let ownName = message.name
    let node = SourceNode(
      name: prefix + (ownName.isEmpty ? "\(op)_\(result.count)" : ownName),
      domain: message.domain, op: op, opset: opsets[message.domain],
      inputs: message.inputs.map { body?.map($0) ?? $0 },
      outputs: message.outputs.map { body?.map($0) ?? $0 },
      attributes: attributes(of: message, scope, mapsNames: mapsNames))
    let key = FunctionKey(message)
    guard let function = context.functions[key] else {
      result += QuantizedContribution.expand(node) ?? [QONNXNames.rename(node) ?? node]
      return
    }
    guard let problem = problem(of: function, key, at: node, scope) else {
      inline(function, key, at: node, scope)
      return
    }
    context.report(problem, at: context.location(of: node))
    var broken = node
    broken.isBroken = true
    result.append(broken)
  }

  /// Why a call cannot be inlined.
  private func problem(
    of function: FunctionMessage, _ key: FunctionKey, at call: SourceNode, _ caller: FunctionScope?
  ) -> Diagnostic? {
    if caller?.isInside(key) ?? false || context.functionSizes.isRecursive(key) {
      return Diagnostic("import.recursive-function", "function '\(call.qualifiedOp)' calls itself")
    }
    let size = context.functionSizes[key]
    if caller == nil {
      context.expandedNodeCount =
        context.expandedNodeCount.addingReportingOverflow(size).partialValue
    }
    if size > FunctionSizes.limit || context.expandedNodeCount > FunctionSizes.limit {
      return Diagnostic(
        "import.too-many-nodes",
        "function '\(call.qualifiedOp)' expands to \(size) nodes, expected at most "
          + "\(FunctionSizes.limit) in a model")
    }
    let inputs = function.message.count(4)
    let outputs = function.message.count(5)
    if call.inputs.count > inputs || call.outputs.count > outputs {
      return Diagnostic(
        "import.function-arity",
        "call has \(call.inputs.count) inputs and \(call.outputs.count) outputs, function "
          + "'\(call.qualifiedOp)' has \(inputs) and \(outputs)")
    }
    return nil
  }

  /// The attributes of a node, references to those of the enclosing function resolved.
  private func attributes(
    of message: NodeMessage, _ scope: FunctionScope?, mapsNames: Bool
  ) -> [SourceAttribute] {
    message.attributes.compactMap { attribute in
      let reference = attribute.reference
      if reference.isEmpty {
        return SourceAttribute(
          name: attribute.name, value: attribute, scope: scope, mapsNames: mapsNames)
      }
      guard let actual = scope?.attributes[reference] else { return nil }
      return SourceAttribute(
        name: attribute.name, value: actual.value, scope: actual.scope,
        mapsNames: actual.mapsNames)
    }
  }

  private mutating func inline(
    _ function: FunctionMessage, _ key: FunctionKey, at call: SourceNode, _ caller: FunctionScope?
  ) {
    let formalInputs = function.inputs
    let formalOutputs = function.outputs
    var bindings: [String: String] = [:]
    for (index, formal) in formalInputs.enumerated() {
      bindings[formal] = index < call.inputs.count ? call.inputs[index] : ""
    }
    var passedThrough: [(from: String, to: String)] = []
    for (formal, actual) in zip(formalOutputs, call.outputs) where !actual.isEmpty {
      if let input = bindings[formal] {
        passedThrough.append((input, actual))
      } else {
        bindings[formal] = actual
      }
    }
    let scope = FunctionScope(
      key: key, caller: caller, opsets: opsets(of: function), attributes: bound(function, call),
      prefix: call.name + "/", bindings: bindings)
    for node in function.nodes { add(node, scope: scope, mapsNames: true) }
    for (number, (from, to)) in passedThrough.enumerated() {
      result.append(
        SourceNode(
          name: "\(call.name)/Identity_\(number)", domain: "", op: "Identity",
          opset: scope.opsets[""] ?? context.opsets[""], inputs: [from], outputs: [to],
          attributes: []))
    }
  }

  private func opsets(of function: FunctionMessage) -> [String: Int] {
    var opsets = context.opsets
    for entry in function.opsetImports { opsets[entry.domain] = entry.version }
    return opsets
  }

  /// The attributes that the call gives, and the defaults of the others.
  private func bound(_ function: FunctionMessage, _ call: SourceNode) -> [String: SourceAttribute] {
    var bound: [String: SourceAttribute] = [:]
    for attribute in function.defaults {
      bound[attribute.name] = SourceAttribute(
        name: attribute.name, value: attribute, scope: nil)
    }
    for attribute in call.attributes { bound[attribute.name] = attribute }
    return bound
  }
}
