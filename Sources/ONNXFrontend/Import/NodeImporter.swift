import Diagnostics
import IR
import Ops
import Tensors

/// Turns one node of a file into a node of the graph that is being built.
struct NodeImporter {
  let owner: GraphImporter
  let source: SourceNode
  let location: Location
  var context: ImportContext { owner.context }

  init(_ source: SourceNode, in owner: GraphImporter) {
    self.source = source
    self.owner = owner
    location = owner.context.location(of: source)
  }

  /// Adds the node, or reports everything that is wrong with it and leaves its outputs unknown.
  func run() {
    if source.isBroken { return leaveOutputsUnknown() }
    let isUsable = checkInputs()
    let made = context.attempt(at: location) { () throws(Diagnostic) in try make(isUsable) }
    if made != true { leaveOutputsUnknown() }
  }

  private func leaveOutputsUnknown() {
    for output in source.outputs where !output.isEmpty && owner.bindings[output] == nil {
      owner.bindings[output] = .unknown
    }
  }

  /// Reports inputs that nothing defines; false when the types of some inputs are not known.
  private func checkInputs() -> Bool {
    var isUsable = true
    for name in Set(source.inputs + FreeNames.of(source)).sorted() where !name.isEmpty {
      switch owner.resolve(name) {
      case .value: break
      case .unknown: isUsable = false
      case nil:
        isUsable = false
        owner.bindings[name] = .unknown
        context.report(
          Diagnostic("import.undefined-value", "input '\(name)' is not defined by anything"),
          at: location)
      }
    }
    return isUsable
  }

  private func make(_ isUsable: Bool) throws(Diagnostic) -> Bool {
    guard let opset = source.opset else {
      throw Diagnostic(
        "import.missing-opset", "the model imports no opset for domain '\(source.domain)'")
    }
    if source.domain.isEmpty, source.op == "Constant" {
      return try makeConstant()
    }
    var node = ImportedNode(
      name: source.name, domain: source.domain, op: source.op, opset: opset,
      inputs: source.inputs.map { $0.isEmpty ? .none : .value($0) }, outputs: source.outputs,
      attributes: Attributes(), inputRanks: source.inputs.map(rank))
    var type = try operatorType(node)
    let region = type as? any RegionOp.Type
    if isUsable, let region, let branch = chosenBranch(region) {
      BranchInliner(owner: owner, node: source, branch: branch).run()
      return true
    }
    let decoder = AttributeDecoder(owner: owner, node: source)
    node.attributes = try decoder.decodePlain()
    let decoded = try decoder.decode(node, region)
    node.attributes = decoded.attributes
    try type.upgrade(&node)
    if node.op != source.op || node.domain != source.domain { type = try operatorType(node) }
    while case .none? = node.inputs.last { node.inputs.removeLast() }
    while node.outputs.last == "" { node.outputs.removeLast() }
    var reader = AttributeReader(
      node.attributes, opset: opset, inputCount: node.inputs.count, outputCount: node.outputs.count)
    let op = try type.init(&reader)
    try reader.finish()
    guard isUsable, decoded.isComplete else { return false }
    if !decoded.captures.isEmpty {
      let region = type as? any RegionOp.Type
      let count = region?.ownInputCount(node) ?? node.inputs.count
      while node.inputs.count < count { node.inputs.append(.none) }
    }
    return try add(node, op, type.schema, captures: decoded.captures)
  }

  /// The graph that a node comes down to, where what is known of its inputs chooses one.
  private func chosenBranch(_ region: any RegionOp.Type) -> SourceAttribute? {
    let constants = source.inputs.map { name -> Tensor? in
      guard case .value(let id)? = owner.resolve(name) else { return nil }
      return owner.inference.constant(id, in: owner.graph)
    }
    guard let name = region.chosenRegion(constants) else { return nil }
    return source.attributes.first { $0.name == name && $0.value.graph != nil }
  }

  private func rank(_ name: String) -> Int? {
    guard case .value(let id)? = owner.bindings[name] else { return nil }
    return owner.graph.tensorType(id)?.shape?.count
  }

  private func operatorType(_ node: ImportedNode) throws(Diagnostic) -> any Op.Type {
    let place = "operator '\(node.op)' of domain '\(node.domain.isEmpty ? "ai.onnx" : node.domain)'"
    guard let type = context.registry.type(domain: node.domain, name: node.op) else {
      throw .unsupported(
        "import.unsupported-op", "\(place), opset \(node.opset), is not supported")
    }
    return type
  }

  private func makeConstant() throws(Diagnostic) -> Bool {
    guard let name = source.outputs.first, !name.isEmpty, source.outputs.count == 1 else {
      throw Diagnostic(
        "arity.outputs", "Constant has \(source.outputs.count) outputs, expected 1")
    }
    let tensor = try AttributeDecoder(owner: owner, node: source).constantValue()
    guard owner.bindings[name] == nil else {
      owner.bind(name, to: .unknown)
      return true
    }
    owner.bindings[name] = .value(owner.graph.addConstant(name, tensor))
    return true
  }

  /// Checks, infers and appends the node.
  private func add(_ node: ImportedNode, _ op: any Op, _ schema: OpSchema, captures: [ValueID])
    throws(Diagnostic) -> Bool
  {
    var inputs: [ValueID?] = []
    for (index, input) in node.inputs.enumerated() {
      switch input {
      case .none: inputs.append(nil)
      case .constant(let tensor):
        let parameter = OpSchema.parameter(index, in: schema.inputs)?.name ?? "input\(index)"
        inputs.append(owner.addConstant("\(node.name).\(parameter)", tensor))
      case .value(let name):
        guard case .value(let id)? = owner.bindings[name] else { return false }
        inputs.append(id)
      }
    }
    let types = inputs.map { $0.map { owner.graph[$0].type } }
    guard isFine(schema.check(inputs: types, outputCount: source.outputs.count)) else {
      return false
    }
    inputs.append(contentsOf: captures)
    let known = owner.inference.context(
      inputs: inputs, outputCount: node.outputs.count, name: node.name, in: owner.graph)
    if let contributed = op as? any ContributedOp {
      return try writeOut(contributed, node, inputs, known)
    }
    let inferred = context.attempt(at: location) { () throws(Diagnostic) in try op.inferTypes(known)
    }
    guard let inferred,
      isFine(
        schema.check(
          inputs: types, outputCount: source.outputs.count,
          outputs: Array(inferred.prefix(node.outputs.count))))
    else { return false }
    guard let outputs = outputs(of: node, inferred) else { return false }
    let id = owner.graph.addNode(node.name, op, inputs: inputs, outputs: outputs)
    for (name, value) in zip(node.outputs, owner.graph[id].outputs) {
      if let value { owner.bindings[name] = .value(value) }
    }
    owner.inference.noteContents(of: id, in: owner.graph)
    return true
  }

  /// Reports problems; true when there are none.
  private func isFine(_ problems: [Diagnostic]) -> Bool {
    for problem in problems { context.report(problem, at: location) }
    return problems.isEmpty
  }

  /// Names and types of the outputs; nil after a report.
  private func outputs(of node: ImportedNode, _ inferred: [ValueType])
    -> [(name: String, type: ValueType)?]?
  {
    guard inferred.count >= node.outputs.count else {
      context.report(
        .internal(
          "infer.output-count",
          "the shape rule gives \(inferred.count) types for \(node.outputs.count) outputs"),
        at: location)
      return nil
    }
    var result: [(name: String, type: ValueType)?] = []
    var names: Set<String> = []
    var isFine = true
    for (name, type) in zip(node.outputs, inferred) {
      if name.isEmpty {
        result.append(nil)
        continue
      }
      if owner.bindings[name] != nil || !names.insert(name).inserted {
        context.report(
          Diagnostic("import.duplicate-value", "output '\(name)' is defined more than once"),
          at: location)
        isFine = false
        continue
      }
      if case .tensor(let tensor) = type {
        let checked: Void? = context.attempt(at: location) { () throws(Diagnostic) in
          try ShapeLimits.check(tensor, "output '\(name)'")
        }
        if checked == nil { isFine = false }
      }
      result.append((name, owner.checkDeclared(name, type, at: location)))
    }
    return isFine ? result : nil
  }
}
