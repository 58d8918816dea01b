package import Diagnostics
package import IR
import Ops
import Tensors

extension GraphLowering {
  package func blockedPlace(of value: ValueID) -> Placed? {
    if let (source, type) = readAs[value] { return blockedPlace(of: source)?.read(as: type) }
    return places[value]?.first { $0.layout.block != nil && $0.layout.order == nil }
  }

  /// Memory for a value that a node is about to compute, with the halo that its consumers will want.
  ///
  /// - Parameter inRows: whether readers may want a halo of rows, without blocks.
  package func allocate(
    _ value: ValueID, block: Int?, inRows: Bool = false, label: String
  ) throws(Diagnostic) -> Placed {
    guard let type = graph.tensorType(value), let shape = type.shape else {
      throw .unsupported("lowering.unknown-rank", "the rank of '\(graph[value].name)' is not known")
    }
    if block != nil, let part = try part(for: value) {
      places[value, default: []].append(part)
      return part
    }
    let halos =
      block != nil || inRows ? demandedHalos(of: value, rank: shape.count, inRows: inRows) : []
    var layout = usual(Layout(block: block, halos: halos, fill: haloFill(of: value)), of: value)
    if inRows { layout.spreadRows(of: shape, element: type.element) }
    let placed = program.allocate(graph[value].name, type.element, shape, layout)
    places[value, default: []].append(placed)
    try clearHalo(of: placed, label: label)
    return placed
  }

  /// The largest halo that any convolution reading the value asks for.
  func demandedHalos(of value: ValueID, rank: Int, inRows: Bool = false) -> [Layout.Halo] {
    var halos: [Layout.Halo] = []
    for id in uses[value] ?? [] {
      if !inRows, let view = blockView(graph[id], of: value) {
        halos = Self.union(halos, demandedHalos(of: view, rank: rank))
      }
      guard let demanded = haloDemand(of: graph[id], on: value, inRows: inRows),
        demanded.count == rank
      else { continue }
      halos = Self.union(halos, demanded)
    }
    return halos
  }

  func haloDemand(of node: Node, on value: ValueID, inRows: Bool = false) -> [Layout.Halo]? {
    let (op, inputs) = anchor(of: node)
    guard let demanding = op as? any HaloDemanding, inputs.first == value else { return nil }
    let shape = graph.tensorType(value)?.shape ?? []
    let weights = inputs.count > 1 ? inputs[1].flatMap { graph.tensorType($0)?.shape } : nil
    return inRows
      ? demanding.rowHalos(shape, weights: weights)
      : demanding.inputHalos(shape, weights: weights, for: target)
  }

  /// What the windows of convolutions that read the value find beyond its edges: zeros, or its zero point.
  func haloFill(of value: ValueID) -> Int {
    for id in uses[value] ?? [] {
      let (op, inputs) = anchor(of: graph[id])
      guard let demanding = op as? any HaloDemanding, inputs.first == value,
        let number = demanding.fillInput, number < inputs.count,
        let fill = graph.constant(inputs[number])?.integers?.first
      else { continue }
      return fill
    }
    return 0
  }

  /// The operator that owns a node's loops, and its inputs as values of the graph.
  private func anchor(of node: Node) -> (op: any Op, inputs: [ValueID?]) {
    guard let body = (node.op as? Fused)?.body,
      let id = body.nodeIDs.first(where: { body[$0].op is any HaloDemanding })
    else { return (node.op, node.inputs) }
    let inputs = body[id].inputs.map { input in
      input.flatMap { body.inputs.firstIndex(of: $0) }.flatMap { node.inputs[$0] }
    }
    return (body[id].op, inputs)
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
    if let (source, type) = readAs[value] { return try place(source, in: layout).read(as: type) }
    let layout = usual(layout, of: value)
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
      let inRows = layout.block == nil
      let demanded = demandedHalos(of: value, rank: first.shape.count, inRows: inRows)
      wanted.halos = Self.union(layout.halos, demanded)
    }
    let name = graph[value].name
    if layout.block != nil, let home = parts.homes[value], home.root != value,
      let part = try part(for: value), Self.serves(part.layout, layout)
    {
      places[value, default: []].append(part)
      try convert(first, to: part, label: "reorder \(name)")
      return part
    }
    let copy = program.allocate("\(name).reordered", first.element, first.shape, wanted)
    places[value, default: []].append(copy)
    try clearHalo(of: copy, label: "reorder \(name)")
    try convert(first, to: copy, label: "reorder \(name)")
    return copy
  }

  /// The value in rows, with zeros beside them or not.
  func rows(_ value: ValueID) throws(Diagnostic) -> Placed {
    let found = places[value]?.first {
      $0.layout.block == nil && $0.layout.strided == nil && $0.layout.order == nil
    }
    if let found { return found }
    return try place(value, in: .plain)
  }

  static func serves(_ found: Layout, _ wanted: Layout) -> Bool {
    if found.strided != wanted.strided || found.order != wanted.order { return false }
    if found.block != wanted.block { return false }
    if wanted.halos.isEmpty { return found.halos.isEmpty || found.block != nil }
    if found.halos.isEmpty { return false }
    return found.fill == wanted.fill
      && zip(found.halos, wanted.halos).allSatisfy {
        atLeast($0.before, $1.before) && atLeast($0.after, $1.after)
      }
  }

  private static func atLeast(_ a: IndexExpr, _ b: IndexExpr) -> Bool {
    guard let least = (a - b).lowerBound else { return a == b }
    return least >= 0
  }
}
