package import Diagnostics
package import IR
package import Loops
import Ops
import Tensors

/// Lowers a graph to a program, one node after the other, keeping track of where each value lies.
///
/// A value may lie in several places at once: in the layout that its producer chose and in those that consumers asked
/// for; every conversion is done once.
package final class GraphLowering {
  package let graph: Graph
  package let target: Target
  package let options: LoweringOptions
  package var program: ProgramBuilder
  var places: [ValueID: [Placed]] = [:]
  /// Outputs of failed nodes that have no place, because their ranks are not known.
  private var unplaced: Set<ValueID> = []
  /// Values that are others' elements under another type, which loads convert.
  var readAs: [ValueID: (source: ValueID, type: ElementType)] = [:]
  let uses: [ValueID: [NodeID]]
  let parts: ChannelParts
  /// Memory of concatenations that are computed part by part.
  var roots: [ValueID: Placed] = [:]
  /// Nodes that have been computed together with the one before them.
  var finished: Set<NodeID> = []
  /// What was taken from tables of kernels, in the order of the nodes.
  var choices: [KernelChoice] = []
  /// What integer values hold, as far as it follows from shapes.
  let inference: TypeInference

  /// Channels per block of blocked layouts; those of bytes may be wider, see `block(of:)`.
  package var block: Int { target.lanes(.f32) }

  private init(
    _ graph: Graph, _ target: Target, _ options: LoweringOptions
  ) throws(Diagnostic) {
    self.graph = graph
    self.target = target
    self.options = options
    self.uses = graph.uses()
    self.parts = ChannelParts(graph) { ByteBlocks.block(of: graph.tensorType($0), for: target) }
    var inference = TypeInference()
    for id in graph.nodeIDs { inference.noteContents(of: id, in: graph) }
    self.inference = inference
    var ports: [Program.Port] = []
    for id in graph.inputs { ports.append(try Self.port(id, in: graph)) }
    program = ProgramBuilder(name: graph.name, inputs: ports, target: target)
    for (number, (id, port)) in zip(graph.inputs, ports).enumerated() {
      let memory = program.memory(
        port.name, .input(number),
        byteCount: Layout.plain.byteCount(port.shape, port.element))
      places[id] = [
        Placed(memory: memory, element: port.element, shape: port.shape, layout: .plain)
      ]
    }
  }

  /// The program that computes `graph` on `target`.
  ///
  /// - Parameter specialised: the same graph for inputs of certain sizes, for which there will be programs inside this one.
  /// - Throws: every node that cannot be lowered, with its name, operator and reason.
  package static func lower(
    _ graph: Graph, specialised: [Graph] = [], for target: Target,
    options: LoweringOptions = LoweringOptions()
  ) throws(DiagnosticList) -> Program {
    try lowered(graph, specialised: specialised, for: target, options: options).program
  }

  /// The program, and what was taken from tables of kernels.
  package static func lowered(
    _ graph: Graph, specialised: [Graph] = [], for target: Target,
    options: LoweringOptions = LoweringOptions()
  ) throws(DiagnosticList) -> (program: Program, choices: [KernelChoice]) {
    var problems = DiagnosticList()
    var inner: [Program] = []
    for graph in specialised { inner.append(try lower(graph, for: target, options: options)) }
    do throws(Diagnostic) {
      var graph = graph
      try graph.expandComposed()
      let session = try GraphLowering(graph, target, options)
      for id in graph.nodeIDs {
        if session.readsUnplaced(id) {
          session.abandon(id)
          continue
        }
        let kernelCount = session.program.program.kernels.count
        do throws(Diagnostic) {
          try session.lower(id)
          try session.requireRegisterTypes(since: kernelCount)
          try session.requireInferred(id)
          try session.requireDefined(id)
        } catch {
          problems.append(error.located(at: graph.location(of: id)))
          session.abandon(id)
        }
      }
      try problems.throwIfAny()
      try session.placeOutputs()
      for program in inner { session.program.add(specialised: program) }
      let program = session.program.finish()
      problems = program.verifyLaunches()
      try problems.throwIfAny()
      return (program, session.choices)
    } catch {
      if problems.isEmpty { problems.append(error) }
      throw problems
    }
  }

  static func port(_ id: ValueID, in graph: Graph) throws(Diagnostic) -> Program.Port {
    guard let type = graph.tensorType(id), let shape = type.shape else {
      throw .unsupported(
        "lowering.port",
        "'\(graph[id].name)' is \(graph[id].type), expected a tensor of known rank",
        at: .value(model: graph.source, name: graph[id].name))
    }
    guard type.element != .string else {
      throw .unsupported(
        "lowering.string", "'\(graph[id].name)' holds strings, which have no native code",
        at: .value(model: graph.source, name: graph[id].name))
    }
    return Program.Port(name: graph[id].name, element: type.element, shape: shape)
  }

  /// Whether a node reads what a failed one has left without a place: its problem is that of the other.
  private func readsUnplaced(_ id: NodeID) -> Bool {
    graph[id].inputs.contains { $0.map(unplaced.contains) ?? false }
  }

  /// Gives a failed node's outputs a place, so that one problem is not reported again by every consumer.
  private func abandon(_ id: NodeID) {
    for case let output? in graph[id].outputs where places[output] == nil {
      guard let type = graph.tensorType(output), let shape = type.shape else {
        unplaced.insert(output)
        continue
      }
      places[output] = [program.allocate("abandoned", type.element, shape, .plain)]
    }
  }

  /// Moves every graph output into its port's memory, copying only what is already somewhere else.
  private func placeOutputs() throws(Diagnostic) {
    var taken: Set<Int> = []
    program.node = ""
    program.note = ""
    for id in graph.outputs {
      let port = try Self.port(id, in: graph)
      let source = try place(id, in: .plain)
      if case .arena = program.program.buffers[source.memory].kind,
        program.areKnown(port.shape, whenWriting: source.memory),
        taken.insert(source.memory).inserted
      {
        program.makeOutput(source.memory, port)
      } else {
        let copy = program.allocate(port.name, port.element, port.shape, .plain)
        try convert(source, to: copy, label: "output \(port.name)")
        program.makeOutput(copy.memory, port)
      }
    }
  }
}

extension DiagnosticList {
  fileprivate func throwIfAny() throws(Diagnostic) {
    if let first = diagnostics.first { throw first }
  }
}

// MARK: - Nodes

extension GraphLowering {
  private func lower(_ id: NodeID) throws(Diagnostic) {
    let node = graph[id]
    let op = node.op
    program.node = node.name
    program.note = ""
    if finished.contains(id) { return }
    // Shape computations are known already; they become memory only where something reads them as such.
    if node.outputs.allSatisfy({ $0.map { knownContents($0) != nil } ?? true }) { return }
    if let fused = op as? Fused { return try lower(node, fused) }
    if let small = op as? any SmallTypeLowerable, touchesSmallTypes(node) {
      return try small.lowerSmall(context(for: node))
    }
    if readsInPlace(node) { return }
    if op is any ElementwiseLowerable {
      return try lowerElementwise(node)
    }
    if let reinterpret = op as? any ReinterpretLowerable {
      if let defining = op as? any SizeDefining { try defining.defineSizes(context(for: node)) }
      return try alias(node, input: reinterpret.reinterpretedInput)
    }
    guard let lowerable = op as? any Lowerable else {
      throw .unsupported(
        "lowering.unsupported-op", "\(node.opName) has no native code yet")
    }
    try lowerable.lower(context(for: node))
  }

  /// What an integer value holds, where that follows from sizes that are known by now and registers hold its elements.
  func knownContents(_ value: ValueID) -> [IndexExpr]? {
    guard graph.tensorType(value)?.element.isRegisterType ?? false else { return nil }
    return inference.contents[value].flatMap { areKnown($0) ? $0 : nil }
  }

  /// Whether every symbol in some expressions has a value by now.
  func areKnown(_ expressions: [IndexExpr]) -> Bool {
    expressions.allSatisfy { $0.isConstant || $0.symbols.isSubset(of: program.knownSymbols) }
  }

  private func context(for node: Node) -> NodeLowering {
    NodeLowering(
      session: self, label: node.name, inputs: node.inputs,
      outputTypes: node.outputs.map { $0.flatMap { graph.tensorType($0) } },
      results: node.outputs, fused: nil)
  }

  /// Whether the node reads or makes elements of a type that registers do not hold.
  private func touchesSmallTypes(_ node: Node) -> Bool {
    (node.inputs + node.outputs).contains { value in
      value.flatMap { graph.tensorType($0)?.element.isSmall } ?? false
    }
  }

  private func alias(_ node: Node, input: Int) throws(Diagnostic) {
    guard input < node.inputs.count, let source = node.inputs[input],
      let output = node.outputs.first ?? nil, let shape = graph.tensorType(output)?.shape
    else { throw .internal("lowering.reinterpret", "nothing to reinterpret") }
    let placed =
      try place(source, as: shape, for: output)
    try require(
      node.name, "the number of elements of '\(graph[source].name)'", placed.shape.reduce(1, *),
      .equal, shape.reduce(1, *))
    places[output] = [placed.shape == shape ? placed : placed.reshaped(to: shape)]
  }

  private func lower(_ node: Node, _ fused: Fused) throws(Diagnostic) {
    let body = fused.body
    var outer: [ValueID: ValueID] = [:]
    for (inner, value) in zip(body.inputs, node.inputs) {
      if let value { outer[inner] = value }
    }
    let anchors = body.nodeIDs.filter { !(body[$0].op is any ElementwiseLowerable) }
    guard let anchor = anchors.first else {
      return try lowerPointwise(
        body: body, outer: outer, result: node.outputs.first ?? nil, label: node.name)
    }
    guard anchors.count == 1, let lowerable = body[anchor].op as? any Lowerable,
      let seed = body[anchor].outputs.first ?? nil
    else {
      throw .unsupported(
        "lowering.unsupported-op", "\(body[anchor].opName) has no native code yet")
    }
    // The body's own constants become constants of the program under the anchor's inputs.
    var inputs: [ValueID?] = []
    for input in body[anchor].inputs {
      guard let input else {
        inputs.append(nil)
        continue
      }
      guard let value = outer[input] else {
        throw .internal("lowering.fused", "the anchor of a fused region reads an inner value")
      }
      inputs.append(value)
    }
    let context = NodeLowering(
      session: self, label: node.name, inputs: inputs,
      outputTypes: body[anchor].outputs.map { $0.flatMap { body.tensorType($0) } },
      results: node.outputs,
      fused: .init(
        body: body, nodes: body.nodeIDs.filter { $0 != anchor }, seed: seed, outer: outer))
    try lowerable.lower(context)
  }

  private func lowerElementwise(_ node: Node) throws(Diagnostic) {
    var body = Graph(name: node.name)
    var outer: [ValueID: ValueID] = [:]
    var inner: [ValueID: ValueID] = [:]
    let inputs = node.inputs.map { input -> ValueID? in
      guard let input else { return nil }
      if let known = inner[input] { return known }
      let id = body.addInput(graph[input].name, graph[input].type)
      outer[id] = input
      inner[input] = id
      return id
    }
    let id = body.addNode(
      node.name, node.op, inputs: inputs,
      outputs: node.outputs.map { $0.map { (graph[$0].name, graph[$0].type) } })
    body.setOutputs(body[id].outputs.compactMap { $0 })
    try lowerPointwise(
      body: body, outer: outer, result: node.outputs.first ?? nil, label: node.name)
  }
}
