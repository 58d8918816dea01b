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

  private mutating func add(_ message: NodeMessage, scope: FunctionScope?, mapsNames: Bool) {
    guard context.nodeBudget > 0 else { return }
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
      attributes: attributes(of: message, scope))
    let key = FunctionKey(domain: node.domain, name: op, overload: message.overload)
    guard let function = context.functions[key] else {
      result.append(node)
      context.nodeBudget -= 1
      if context.nodeBudget == 0 {
        context.report(
          Diagnostic("import.too-many-nodes", "functions expand to more than 1000000 nodes"),
          at: context.location(of: node))
      }
      return
    }
    if let scope, scope.isInside(key) {
      context.report(
        Diagnostic("import.recursive-function", "function '\(node.qualifiedOp)' calls itself"),
        at: context.location(of: node))
      return
    }
    inline(function, key, at: node, scope)
  }

  /// The attributes of a node, references to those of the enclosing function resolved.
  private func attributes(of message: NodeMessage, _ scope: FunctionScope?) -> [SourceAttribute] {
    message.attributes.compactMap { attribute in
      let reference = attribute.reference
      if reference.isEmpty {
        return SourceAttribute(name: attribute.name, value: attribute, scope: scope)
      }
      guard let actual = scope?.attributes[reference] else { return nil }
      return SourceAttribute(name: attribute.name, value: actual.value, scope: actual.scope)
    }
  }

  private mutating func inline(
    _ function: FunctionMessage, _ key: FunctionKey, at call: SourceNode, _ caller: FunctionScope?
  ) {
    let formalInputs = function.inputs
    let formalOutputs = function.outputs
    if call.inputs.count > formalInputs.count || call.outputs.count > formalOutputs.count {
      context.report(
        Diagnostic(
          "import.function-arity",
          "call has \(call.inputs.count) inputs and \(call.outputs.count) outputs, function has "
            + "\(formalInputs.count) and \(formalOutputs.count)"),
        at: context.location(of: call))
      return
    }
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
