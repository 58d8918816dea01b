import Diagnostics
import IR
import Tensors

/// Sequences and optionals that exist only before anything runs.
extension Identity: SequenceFolding {
  func fold(_ operands: [Unrolled?], _ folder: inout SequenceFolder) -> [Unrolled]? {
    operands.compactMap { $0 }
  }
}

extension SequenceConstruct: SequenceFolding {
  func fold(_ operands: [Unrolled?], _ folder: inout SequenceFolder) -> [Unrolled]? {
    [.sequence(operands.compactMap { $0 })]
  }
}

extension SequenceEmpty: SequenceFolding {
  func fold(_ operands: [Unrolled?], _ folder: inout SequenceFolder) -> [Unrolled]? {
    [.sequence([])]
  }
}

extension SequenceLength: SequenceFolding {
  func fold(_ operands: [Unrolled?], _ folder: inout SequenceFolder) -> [Unrolled]? {
    guard case .sequence(let elements)? = operands[0] else { return nil }
    return [.tensor(folder.constant(Tensor(scalar: Int64(elements.count))))]
  }
}

extension SequenceAt: SequenceFolding {
  func fold(_ operands: [Unrolled?], _ folder: inout SequenceFolder) -> [Unrolled]? {
    guard case .sequence(let elements)? = operands[0], let given = folder.integer(operands[1])
    else { return nil }
    let position = given < 0 ? given + elements.count : given
    return elements.indices.contains(position) ? [elements[position]] : nil
  }
}

extension SequenceInsert: SequenceFolding {
  func fold(_ operands: [Unrolled?], _ folder: inout SequenceFolder) -> [Unrolled]? {
    guard case .sequence(var elements)? = operands[0], let tensor = operands[1] else { return nil }
    var position = elements.count
    if operands.count > 2, let operand = operands[2] {
      guard let given = folder.integer(operand) else { return nil }
      position = given < 0 ? given + elements.count : given
    }
    guard (0...elements.count).contains(position) else { return nil }
    elements.insert(tensor, at: position)
    return [.sequence(elements)]
  }
}

extension SequenceErase: SequenceFolding {
  func fold(_ operands: [Unrolled?], _ folder: inout SequenceFolder) -> [Unrolled]? {
    guard case .sequence(var elements)? = operands[0] else { return nil }
    var position = elements.count - 1
    if operands.count > 1, let operand = operands[1] {
      guard let given = folder.integer(operand) else { return nil }
      position = given < 0 ? given + elements.count : given
    }
    guard elements.indices.contains(position) else { return nil }
    elements.remove(at: position)
    return [.sequence(elements)]
  }
}

extension SequenceMap: SequenceFolding {
  func fold(_ operands: [Unrolled?], _ folder: inout SequenceFolder) throws(Diagnostic)
    -> [Unrolled]?
  {
    guard case .sequence(let first)? = operands[0] else { return nil }
    var results: [[Unrolled]] = Array(repeating: [], count: body.outputs.count)
    for number in first.indices {
      var arguments: [ValueID] = []
      for (place, operand) in operands.enumerated() {
        var one = operand
        if case .sequence(let elements)? = operand, place < operands.count - captureCount {
          guard elements.count == first.count else { return nil }
          one = elements[number]
        }
        guard case .tensor(let value)? = one else { return nil }
        arguments.append(value)
      }
      for (place, value) in try folder.inline(body, arguments).enumerated() {
        results[place].append(.tensor(value))
      }
    }
    return results.map { .sequence($0) }
  }
}

extension SplitToSequence: SequenceFolding {
  func fold(_ operands: [Unrolled?], _ folder: inout SequenceFolder) throws(Diagnostic)
    -> [Unrolled]?
  {
    guard case .tensor(let input)? = operands[0],
      let shape = folder.graph.tensorType(input)?.shape,
      let length = shape[try Axes.one(axis, rank: shape.count)].value
    else { return nil }
    var given: Tensor?
    if operands.count > 1, case .tensor(let split)? = operands[1] {
      guard let known = folder.inference.constant(split, in: folder.graph) else { return nil }
      given = known
    }
    let sizes = try sizes(length, given)
    guard !sizes.isEmpty else { return [.sequence([])] }
    var parts = try folder.insert(
      Split(axis: axis), [input, folder.integers(sizes)], outputCount: sizes.count)
    if !keepsAxis, given == nil {
      let place = folder.integers([axis])
      for number in parts.indices {
        parts[number] = try folder.insert(Squeeze(), [parts[number], place])[0]
      }
    }
    return [.sequence(parts.map { .tensor($0) })]
  }
}

extension ConcatFromSequence: SequenceFolding {
  func fold(_ operands: [Unrolled?], _ folder: inout SequenceFolder) throws(Diagnostic)
    -> [Unrolled]?
  {
    guard case .sequence(let elements)? = operands[0], !elements.isEmpty else { return nil }
    var parts = elements.flatMap(\.tensors)
    guard parts.count == elements.count else { return nil }
    if makesAxis {
      let place = folder.integers([axis])
      for number in parts.indices {
        parts[number] = try folder.insert(Unsqueeze(), [parts[number], place])[0]
      }
    }
    return [.tensor(try folder.insert(Concat(axis: axis), parts)[0])]
  }
}

extension OptionalOp: SequenceFolding {
  func fold(_ operands: [Unrolled?], _ folder: inout SequenceFolder) -> [Unrolled]? {
    [(operands.first ?? nil) ?? .nothing]
  }
}

extension OptionalGetElement: SequenceFolding {
  func fold(_ operands: [Unrolled?], _ folder: inout SequenceFolder) -> [Unrolled]? {
    guard let operand = operands.first ?? nil else { return nil }
    if case .nothing = operand { return nil }
    return [operand]
  }
}

extension OptionalHasElement: SequenceFolding {
  func fold(_ operands: [Unrolled?], _ folder: inout SequenceFolder) -> [Unrolled]? {
    var hasElement = false
    if let operand = operands.first ?? nil {
      if case .nothing = operand { hasElement = false } else { hasElement = true }
    }
    return [.tensor(folder.constant(Tensor(scalar: hasElement)))]
  }
}
