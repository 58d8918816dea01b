import Diagnostics
import IR
import Loops
import Tensors

extension GraphLowering {
  /// A builder for one kernel.
  func builder() -> KernelBuilder {
    KernelBuilder(target: target, reserved: program.knownSymbols)
  }

  /// Lowers elementwise operators that no anchor carries: one loop nest in the layout that most operands have.
  func lowerPointwise(
    body: Graph, outer: [ValueID: ValueID], result: ValueID?, label: String
  ) throws(Diagnostic) {
    guard let result, let shape = graph.tensorType(result)?.shape else {
      throw .unsupported("lowering.unknown-rank", "the rank of the result is not known")
    }
    let isBlocked =
      shape.count >= 3
      && outer.values.contains { value in
        graph.constant(value) == nil && blockedPlace(of: value)?.shape == shape
      }
    let output = try allocate(result, block: isBlocked ? block : nil, label: label)
    let region = try region(
      body: body, nodes: body.nodeIDs, seed: nil, outer: outer, for: output)
    let builder = self.builder()
    let statements =
      try isBlocked || !output.layout.isPlain
      ? nest(region, into: output, builder)
      : flatNest(region, into: output, builder)
    let work = shape.reduce(IndexExpr(body.nodeIDs.count * 4), *)
    program.launch(label, family: "pointwise", builder, body: statements, work: work)
  }

  private func nest(
    _ region: Region, into output: Placed, _ builder: KernelBuilder
  ) throws(Diagnostic) -> [Statement] {
    try Nest.over(output, builder) { position throws(Diagnostic) in
      let (statements, value) = try region.evaluate(at: position, seedValue: nil, builder)
      return statements + [builder.view(output, isWritten: true).store(value, at: position)]
    }
  }

  /// The same with neighbouring axes merged wherever every operand either has both or repeats along both.
  private func flatNest(
    _ region: Region, into output: Placed, _ builder: KernelBuilder
  ) throws(Diagnostic) -> [Statement] {
    let groups = mergeableAxes(output.shape, region.operands.values.map(\.shape))
    let merged = region.operands.mapValues { $0.reshaped(to: merge($0.shape, groups)) }
    let flat = Region(
      body: region.body, nodes: region.nodes, seed: nil, operands: merged,
      literals: region.literals, result: region.result, shape: merge(output.shape, groups))
    return try nest(flat, into: output.reshaped(to: merge(output.shape, groups)), builder)
  }

  /// Ranges of axes of `shape` that can be walked as one.
  private func mergeableAxes(_ shape: [IndexExpr], _ operands: [[IndexExpr]]) -> [Range<Int>] {
    // For each axis which operands repeat along it; axes with one element fit to any neighbour.
    let repeats = shape.indices.map { axis in
      operands.map { operand in
        let place = axis - (shape.count - operand.count)
        return place < 0 || operand[place] == 1
      }
    }
    // Axes along which it shows only at run time whether an operand repeats.
    let isOpen = shape.indices.map { axis in
      operands.contains { operand in
        let place = axis - (shape.count - operand.count)
        return place >= 0 && operand[place] != 1 && mayRepeat(operand[place], along: shape[axis])
      }
    }
    var groups: [Range<Int>] = []
    var pattern: [Bool]?
    for axis in shape.indices {
      if shape[axis] == 1, let last = groups.last {
        groups[groups.count - 1] = last.lowerBound..<axis + 1
        continue
      }
      let isAlone = isOpen[axis] || (groups.last?.contains { isOpen[$0] } ?? false)
      if let last = groups.last, !isAlone, pattern == nil || pattern == repeats[axis] {
        groups[groups.count - 1] = last.lowerBound..<axis + 1
      } else {
        groups.append(axis..<axis + 1)
      }
      pattern = shape[axis] == 1 ? pattern : repeats[axis]
    }
    return groups
  }

  private func merge(_ shape: [IndexExpr], _ groups: [Range<Int>]) -> [IndexExpr] {
    guard let rank = groups.last?.upperBound else { return shape }
    let padded = Array(repeating: IndexExpr(1), count: rank - shape.count) + shape
    return groups.map { padded[$0].reduce(1, *) }
  }

  /// Copies a tensor from one place and layout to another.
  func convert(_ source: Placed, to copy: Placed, label: String) throws(Diagnostic) {
    if makesQuads(source, copy) { return try convertToQuads(source, to: copy, label: label) }
    if !source.element.isRegisterType, source.layout.isPlain, copy.layout.isPlain {
      return try convert(source.smallBytes, to: copy.smallBytes, label: label)
    }
    let builder = self.builder()
    let body = try Nest.over(copy, builder) { position throws(Diagnostic) in
      let from = builder.view(source)
      let value = loadInside(from, position)
      return [builder.view(copy, isWritten: true).store(value, at: position)]
    }
    let work = copy.shape.reduce(IndexExpr(4), *)
    program.launch(
      label, family: "reorder", builder, body: body, work: work,
      note: "\(source.layout.summary) to \(copy.layout.summary)")
  }

  /// A load that reads nothing for lanes beyond the last channel, which only blocked layouts have.
  private func loadInside(_ view: View, _ position: [IndexExpr]) -> Expr {
    guard view.layout.block == nil || view.layout.order != nil, position.count > 1,
      let extent = view.shape[1].value,
      let last = position[1].upperBound, last >= extent
    else { return view.load(position) }
    let zero: Expr = view.element.isFloat ? .float(0, view.element) : .integer(0, view.element)
    return view.load(
      position, when: .compare(.less, .index(position[1]), .index(IndexExpr(extent))),
      otherwise: zero)
  }
}
