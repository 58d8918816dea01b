import Diagnostics
import IR
import Tensors

/// Builds one graph from its message: the model's own, or one in an attribute.
final class GraphImporter {
  /// What a name stands for.
  enum Binding {
    case value(ValueID)
    /// Something went wrong where the value is made; that has been reported.
    case unknown
  }

  let context: ImportContext
  let source: GraphMessage
  /// The function in whose body the graph is an attribute.
  let scope: FunctionScope?
  let parent: GraphImporter?
  /// What the names of nodes begin with: those of the nodes around, so that symbols named after nodes differ.
  private let prefix: String
  /// What a name of the graph around is called there.
  private let outerName: (String) -> String
  var graph: Graph
  var bindings: [String: Binding] = [:]
  var inference = TypeInference()
  /// What the file declares about values other than inputs, by name.
  var declared: [String: TypeMessage] = [:]
  /// Names of the file that are still to come and must not be taken.
  private var reserved: Set<String> = []

  init(
    _ source: GraphMessage, context: ImportContext, scope: FunctionScope? = nil,
    parent: GraphImporter? = nil, outerName: @escaping (String) -> String = { $0 },
    prefix: String = ""
  ) {
    self.outerName = outerName
    self.prefix = prefix
    self.context = context
    self.source = source
    self.scope = scope
    self.parent = parent
    graph = Graph(name: source.name, source: context.modelName)
  }

  /// Imports everything; problems are in `context.diagnostics`.
  ///
  /// - Parameters:
  ///   - captures: names of the enclosing graph that become additional inputs.
  ///   - inputTypes: what the node that holds the graph gives its inputs; nil where it does not say.
  func run(captures: [(name: String, type: ValueType)] = [], inputTypes: [ValueType?] = []) {
    for info in source.valueInfos + source.outputs {
      if let type = info.type { declared[info.name] = type }
    }
    var nodes = FunctionInliner.flatten(source.nodes, scope: scope, in: context)
    for index in nodes.indices { nodes[index].name = prefix + nodes[index].name }
    for node in nodes { reserved.formUnion(node.outputs) }
    let initializers = source.initializers
    let constants = Set(initializers.map(\.name))
    addInputs(except: constants, inputTypes)
    var captured: [String: ValueID] = [:]
    for capture in captures {
      captured[capture.name] = graph.addInput(capture.name, capture.type)
    }
    for name in FreeNames.free(in: source) {
      if let id = captured[outerName(name)] { bindings[name] = .value(id) }
    }
    for tensor in initializers { addInitializer(tensor) }
    for sparse in source.sparseInitializers { addSparseInitializer(sparse) }
    addNodes(nodes)
    addOutputs()
  }

  /// Gives a name its meaning, once.
  func bind(_ name: String, to binding: Binding) {
    if bindings[name] != nil {
      context.report(
        Diagnostic("import.duplicate-value", "value '\(name)' is defined more than once"),
        at: context.location(ofValue: name))
      return
    }
    bindings[name] = binding
  }

  func addConstant(_ wanted: String, _ tensor: Tensor) -> ValueID {
    var name = wanted
    var number = 1
    while reserved.contains(name) {
      name = "\(wanted)_\(number)"
      number += 1
    }
    return graph.addConstant(name, tensor)
  }

  private func addInputs(except constants: Set<String>, _ inputTypes: [ValueType?]) {
    for (index, info) in source.inputs.enumerated() where !constants.contains(info.name) {
      let name = info.name
      let location = context.location(ofValue: name)
      if name.isEmpty {
        context.report(Diagnostic("import.unnamed-input", "input \(index) has no name"))
        continue
      }
      if bindings[name] != nil {
        context.report(
          Diagnostic("import.duplicate-value", "input '\(name)' is listed twice"), at: location)
        continue
      }
      let given = index < inputTypes.count ? inputTypes[index] : nil
      let type: ValueType?? = context.attempt(at: location) { () throws(Diagnostic) in
        try info.type.flatMap { (type) throws(Diagnostic) in
          try context.decode(type, name: name, bindsSymbols: parent == nil)
        }
      }
      if parent == nil, let tensor = context.inputs.constant(name) {
        bindings[name] = .value(graph.addConstant(name, tensor))
      } else if let type = argumentType(type ?? nil, given: given, name) {
        bindings[name] = .value(graph.addInput(name, type))
      } else {
        if case .some(.none) = type {
          context.report(
            Diagnostic("import.untyped-input", "input '\(name)' has no type"), at: location)
        }
        bindings[name] = .unknown
      }
    }
  }

  /// The type of an input: what the node that holds the graph gives it, or what the file declares.
  private func argumentType(_ declared: ValueType?, given: ValueType?, _ name: String)
    -> ValueType?
  {
    guard parent != nil, let declared else { return declared ?? given }
    guard let given, given.isCompatible(with: declared),
      given.tensor?.shape != nil || given.tensor == nil
    else {
      guard let tensor = declared.tensor, let shape = tensor.shape else { return declared }
      return .tensor(tensor.element, withFreshSymbols(shape, prefix + name))
    }
    return given
  }

  func addInitializer(_ tensor: TensorMessage, as given: String? = nil) {
    let name = given ?? tensor.name
    let location = context.location(ofValue: name)
    let value = context.attempt(at: location) { () throws(Diagnostic) in
      try context.tensors.decode(tensor, name: name)
    }
    if bindings[name] == nil, let value {
      bindings[name] = .value(graph.addConstant(name, value))
    } else {
      bind(name, to: .unknown)
    }
  }

  func addSparseInitializer(_ sparse: SparseTensorMessage, as given: String? = nil) {
    let name = given ?? sparse.values?.name ?? ""
    let location = context.location(ofValue: name)
    let value = context.attempt(at: location) { () throws(Diagnostic) in
      try context.tensors.decode(sparse, name: name)
    }
    if bindings[name] == nil, let value {
      bindings[name] = .value(graph.addConstant(name, value))
    } else {
      bind(name, to: .unknown)
    }
  }

  func addNodes(_ nodes: [SourceNode]) {
    var producers: [String: Int] = [:]
    for (index, node) in nodes.enumerated() {
      for output in node.outputs where !output.isEmpty && producers[output] == nil {
        producers[output] = index
      }
    }
    let dependencies = nodes.map { node in
      (node.inputs + FreeNames.of(node)).compactMap { producers[$0] }
    }
    let sorted = TopologicalOrder.sort(dependencies)
    if let first = sorted.cycle.first {
      let names = (sorted.cycle + [first]).map { "'\(nodes[$0].name)'" }
      context.report(
        Diagnostic("import.cycle", "nodes form a cycle: \(names.joined(separator: " -> "))"),
        at: context.location(of: nodes[first]))
    }
    let reached = Set(sorted.order)
    for (index, node) in nodes.enumerated() where !reached.contains(index) {
      for output in node.outputs where bindings[output] == nil { bindings[output] = .unknown }
    }
    for index in sorted.order { NodeImporter(nodes[index], in: self).run() }
  }

  private func addOutputs() {
    var outputs: [ValueID] = []
    for info in source.outputs {
      let name = info.name
      let location = context.location(ofValue: name)
      switch resolve(name) {
      case .value(let id):
        outputs.append(id)
        if graph.producer(of: id) == nil { checkDeclared(name, graph[id].type, at: location) }
      case .unknown: break
      case nil:
        context.report(
          Diagnostic("import.undefined-output", "output '\(name)' is made by no node"), at: location
        )
      }
    }
    graph.setOutputs(outputs)
    if outputs.isEmpty, source.outputs.isEmpty {
      context.report(Diagnostic("import.no-outputs", "graph '\(graph.name)' has no outputs"))
    }
  }

  /// What a name means here; constants of enclosing graphs become constants of this one.
  func resolve(_ name: String) -> Binding? {
    if let found = bindings[name] { return found }
    guard let parent, case .value(let outer)? = parent.resolve(outerName(name)) else {
      return parent?.resolve(outerName(name))
    }
    guard let tensor = parent.graph.constant(outer) else { return nil }
    let binding = Binding.value(addConstant(name, tensor))
    bindings[name] = binding
    return binding
  }
}
