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
  let uses: [ValueID: [NodeID]]
  /// What integer values hold, as far as it follows from shapes.
  let inference: TypeInference

  /// Channels per block of blocked layouts.
  package var block: Int { target.lanes(.f32) }

  private init(
    _ graph: Graph, _ target: Target, _ options: LoweringOptions
  ) throws(Diagnostic) {
    self.graph = graph
    self.target = target
    self.options = options
    self.uses = graph.uses()
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
  /// - Throws: every node that cannot be lowered, with its name, operator and reason.
  package static func lower(
    _ graph: Graph, for target: Target, options: LoweringOptions = LoweringOptions()
  ) throws(DiagnosticList) -> Program {
    var problems = DiagnosticList()
    do throws(Diagnostic) {
      let session = try GraphLowering(graph, target, options)
      for id in graph.nodeIDs {
        do throws(Diagnostic) {
          try session.lower(id)
          try session.requireInferred(id)
        } catch {
          problems.append(error.located(at: graph.location(of: id)))
          session.abandon(id)
        }
      }
      try problems.throwIfAny()
      try session.placeOutputs()
      return session.program.finish()
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

  /// Gives a failed node's outputs a place, so that one problem is not reported again by every consumer.
  private func abandon(_ id: NodeID) {
    for case let output? in graph[id].outputs where places[output] == nil {
      guard let type = graph.tensorType(output), let shape = type.shape else { continue }
      places[output] = [program.allocate("abandoned", type.element, shape, .plain)]
    }
  }

  /// Moves every graph output into its port's memory, copying only what is already somewhere else.
  private func placeOutputs() throws(Diagnostic) {
    var taken: Set<Int> = []
    for id in graph.outputs {
      let port = try Self.port(id, in: graph)
      let source = try place(id, in: .plain)
      if case .arena = program.program.buffers[source.memory].kind,
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
    // Shape computations are known already; they become memory only where something reads them as such.
    if node.outputs.allSatisfy({ $0.map { knownContents($0) != nil } ?? true }) { return }
    if let fused = op as? Fused { return try lower(node, fused) }
    if let small = op as? any SmallTypeLowerable, touchesSmallTypes(node) {
      return try small.lowerSmall(context(for: node))
    }
    if op is any ElementwiseLowerable {
      return try lowerElementwise(node)
    }
    if let reinterpret = op as? any ReinterpretLowerable {
      return try alias(node, input: reinterpret.reinterpretedInput)
    }
    guard let lowerable = op as? any Lowerable else {
      throw .unsupported(
        "lowering.unsupported-op", "\(node.opName) has no native code yet")
    }
    try lowerable.lower(context(for: node))
  }

  /// What an integer value holds, where that follows from sizes that are known by now.
  private func knownContents(_ value: ValueID) -> [IndexExpr]? {
    inference.contents[value].flatMap { areKnown($0) ? $0 : nil }
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

// MARK: - Places

extension GraphLowering {
  package func blockedPlace(of value: ValueID) -> Placed? {
    places[value]?.first { $0.layout.block != nil && $0.layout.order == nil }
  }

  /// Memory for a value that a node is about to compute, with the halo that its consumers will want.
  package func allocate(
    _ value: ValueID, block: Int?, label: String
  ) throws(Diagnostic) -> Placed {
    guard let type = graph.tensorType(value), let shape = type.shape else {
      throw .unsupported("lowering.unknown-rank", "the rank of '\(graph[value].name)' is not known")
    }
    let halos = block == nil ? [] : demandedHalos(of: value, rank: shape.count)
    let layout = Layout(block: block, halos: halos)
    let placed = program.allocate(graph[value].name, type.element, shape, layout)
    places[value, default: []].append(placed)
    try clearHalo(of: placed, label: label)
    return placed
  }

  /// The largest halo that any convolution reading the value asks for.
  private func demandedHalos(of value: ValueID, rank: Int) -> [Layout.Halo] {
    var halos: [Layout.Halo] = []
    for id in uses[value] ?? [] {
      guard let demanded = haloDemand(of: graph[id], on: value), demanded.count == rank else {
        continue
      }
      halos = Self.union(halos, demanded)
    }
    return halos
  }

  func haloDemand(of node: Node, on value: ValueID) -> [Layout.Halo]? {
    if let demanding = node.op as? any HaloDemanding, node.inputs.first == value {
      return demanding.inputHalos(
        graph.tensorType(value)?.shape ?? [],
        weights: node.inputs.count > 1
          ? node.inputs[1].flatMap { graph.tensorType($0)?.shape } : nil)
    }
    guard let fused = node.op as? Fused else { return nil }
    let body = fused.body
    guard let anchor = body.nodeIDs.first(where: { body[$0].op is any HaloDemanding }),
      let inner = body[anchor].inputs.first ?? nil,
      let position = body.inputs.firstIndex(of: inner), node.inputs[position] == value,
      let demanding = body[anchor].op as? any HaloDemanding
    else { return nil }
    let weights = body[anchor].inputs.count > 1 ? body[anchor].inputs[1] : nil
    return demanding.inputHalos(
      graph.tensorType(value)?.shape ?? [], weights: weights.flatMap { body.tensorType($0)?.shape })
  }

  static func union(_ a: [Layout.Halo], _ b: [Layout.Halo]) -> [Layout.Halo] {
    if a.isEmpty { return b }
    if b.isEmpty { return a }
    return zip(a, b).map {
      Layout.Halo(
        before: .max($0.before, $1.before), after: .max($0.after, $1.after))
    }
  }

  /// The value in a layout, converted once where it is not at hand.
  ///
  /// A place with a larger halo than asked for serves as well, unless row-major order without any is wanted.
  package func place(_ value: ValueID, in layout: Layout) throws(Diagnostic) -> Placed {
    if places[value] == nil, let tensor = graph.constant(value) {
      places[value] = [program.constant(graph[value].name, tensor)]
    }
    if places[value] == nil, let elements = knownContents(value) {
      try store(elements, to: value)
    }
    guard let known = places[value], let first = known.first else {
      throw .internal("lowering.no-place", "'\(graph[value].name)' has not been computed")
    }
    if let fit = known.first(where: { Self.serves($0.layout, layout) }) { return fit }
    // A layout with the halo that all consumers want, so that the next one finds it.
    var wanted = layout
    if !layout.halos.isEmpty {
      wanted.halos = Self.union(layout.halos, demandedHalos(of: value, rank: first.shape.count))
    }
    let name = graph[value].name
    let copy = program.allocate("\(name).reordered", first.element, first.shape, wanted)
    places[value, default: []].append(copy)
    try clearHalo(of: copy, label: "reorder \(name)")
    try convert(first, to: copy, label: "reorder \(name)")
    return copy
  }

  private static func serves(_ found: Layout, _ wanted: Layout) -> Bool {
    if found.strided != wanted.strided || found.order != wanted.order { return false }
    if found.block != wanted.block { return false }
    if wanted.halos.isEmpty { return found.halos.isEmpty || found.block != nil }
    if found.halos.isEmpty { return false }
    return zip(found.halos, wanted.halos).allSatisfy {
      atLeast($0.before, $1.before) && atLeast($0.after, $1.after)
    }
  }

  private static func atLeast(_ a: IndexExpr, _ b: IndexExpr) -> Bool {
    guard let least = (a - b).lowerBound else { return a == b }
    return least >= 0
  }

  /// The region of elementwise operators behind an anchor or alone, its operands placed for `output`'s layout.
  package func region(
    body: Graph, nodes: [NodeID], seed: ValueID?, outer: [ValueID: ValueID], for output: Placed
  ) throws(Diagnostic) -> Region {
    var operands: [ValueID: Placed] = [:]
    var literals: [ValueID: Expr] = [:]
    for id in nodes {
      let op = body[id].op as? any ElementwiseLowerable
      let count = op?.readOperandCount ?? .max
      for case let input? in body[id].inputs.prefix(count)
      where operands[input] == nil && literals[input] == nil {
        let tensor = body.constant(input) ?? graph.constant(outer[input])
        if let tensor, let literal = Expr.literal(of: tensor) {
          literals[input] = literal
        } else if let value = outer[input] {
          try requireBroadcast(
            value, to: output.shape, repeats: op?.repeatsOperands ?? true, label: body[id].name)
          operands[input] = try operand(value, for: output)
        } else if let tensor {
          operands[input] = program.constant(body[input].name, tensor)
        }
      }
    }
    guard let result = body.outputs.first else {
      throw .internal("lowering.fused", "a fused region has no output")
    }
    return Region(
      body: body, nodes: nodes, seed: seed, operands: operands, literals: literals, result: result,
      shape: output.shape)
  }

  /// An operand of an elementwise operator, in the output's blocks when it has as many axes and more than one channel.
  private func operand(_ value: ValueID, for output: Placed) throws(Diagnostic) -> Placed {
    guard let shape = graph.tensorType(value)?.shape else {
      throw .unsupported("lowering.unknown-rank", "the rank of an operand is not known")
    }
    // An operand of more axes than the result has only axes of one element in front.
    if shape.count > output.shape.count {
      return try place(value, in: .plain).reshaped(to: Array(shape.suffix(output.shape.count)))
    }
    guard let block = output.layout.block, output.layout.order == nil,
      shape.count == output.shape.count, shape[1] != 1
    else {
      return try place(value, in: .plain)
    }
    if graph.constant(value) != nil, shape.dropFirst(2).allSatisfy({ $0 == 1 }) {
      return try place(value, in: .plain)
    }
    return try place(value, in: Layout(block: block))
  }
}
