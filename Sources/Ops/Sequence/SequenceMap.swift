package import Diagnostics
package import IR
import Tensors

/// Runs a graph for every element of a sequence and makes sequences of what it gives.
///
/// - Inputs: `input_sequence`; further sequences of as many elements, or tensors that every run sees whole; what the body
///   captures. Outputs: one sequence for each output of the body.
/// - Attributes: `body`: a graph of one element of each sequence and of the tensors; `captures`: how many inputs are captured.
/// - Errors: `type.not-a-sequence`, `region.inputs`, `region.outputs`, `region.input-type`, `run.sequence-length`.
/// - Source: ONNX SequenceMap-17.
package struct SequenceMap: RegionOp {
  package static let schema = OpSchema(
    "SequenceMap", versions: [17],
    inputs: [.required("input_sequence", ""), .variadic("additional_inputs", "", minimum: 0)],
    outputs: [.variadic("out_sequence", "")])

  package var body: Graph
  package var captureCount: Int

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    guard let body = try attributes.graph("body") else { throw attributes.missing("body") }
    self.body = body
    captureCount = try attributes.int(Self.captureAttribute, default: 0)
  }

  package var attributes: Attributes {
    Attributes {
      $0["body"] = .graph(body)
      $0.int(Self.captureAttribute, captureCount, default: 0)
    }
  }

  package var isDeterministic: Bool { body.isDeterministic }

  package static func argumentTypes(of name: String, node: ImportedNode, types: [ValueType?])
    -> [ValueType?]
  {
    types.enumerated().map { number, type in
      guard case .sequence(let element)? = type else { return type }
      return element.asOneElement { .symbol("\(node.name).element\(number).\($0)") }
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    _ = try context.sequenceElement(0)
    let own = context.types.dropLast(captureCount).map { type -> ValueType? in
      guard case .sequence(let element)? = type else { return type }
      return element
    }
    try check(body, "body", own: own, context)
    try check(body, "body", outputs: context.outputCount)
    return body.outputs.map { .sequence(body[$0].type.asElement) }
  }

  package func evaluate(_ inputs: [Value?], outputCount: Int) throws(Diagnostic) -> [Value] {
    let operands = try ControlFlow.required(inputs)
    let own = operands.dropLast(captureCount)
    let count = try SequenceOperands.elements(own.first).count
    for case .sequence(let elements) in own where elements.count != count {
      throw Diagnostic(
        "run.sequence-length",
        "sequences have \(count) and \(elements.count) elements, expected equal numbers")
    }
    var results: [[Value]] = Array(repeating: [], count: body.outputs.count)
    for number in 0..<count {
      let arguments = own.map { value in
        if case .sequence(let elements) = value { return elements[number] }
        return value
      }
      let found = try body.evaluate(arguments + operands.suffix(captureCount))
      for (place, value) in found.enumerated() { results[place].append(value) }
    }
    return results.map { .sequence($0) }
  }
}
