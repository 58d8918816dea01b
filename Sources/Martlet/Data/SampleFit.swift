import Diagnostics
import IR
import Tensors

/// Which tensors a model takes as a sample, and in which shapes.
struct SampleFit {
  let signature: Signature

  /// Brings the tensors of a sample into the shapes of the inputs.
  ///
  /// A tensor that lacks the first axis gets it, where the input has it with 1 or leaves it open. A tensor under another
  /// name serves where the model has one input and the sample one tensor.
  ///
  /// - Throws: `dataset.missing-input`, `dataset.type`, `dataset.shape`.
  func inputs(
    _ given: [String: Tensor], of sample: String
  ) throws(Diagnostic) -> [String: Tensor] {
    var given = given
    if signature.inputs.count == 1, given.count == 1, let only = given.first {
      given = [signature.inputs[0].name: only.value]
    }
    var symbols: [Symbol: Int] = [:]
    var result: [String: Tensor] = [:]
    for port in signature.inputs {
      guard let tensor = given[port.name] else {
        let found = given.keys.sorted().map { "'\($0)'" }.joined(separator: ", ")
        throw Diagnostic(
          "dataset.missing-input",
          "the sample has \(found.isEmpty ? "no tensor" : found), expected input '\(port.name)' \(port.type)",
          at: .file(sample),
          notes: ["a .npz file holds one array for each input"])
      }
      result[port.name] = try fitted(tensor, to: port, &symbols, sample)
    }
    return result
  }

  private func fitted(
    _ tensor: Tensor, to port: Signature.Port, _ symbols: inout [Symbol: Int], _ sample: String
  ) throws(Diagnostic) -> Tensor {
    func refuse(_ id: String) -> Diagnostic {
      Diagnostic(
        id, "found \(tensor.type)\(tensor.shape), expected input '\(port.name)' \(port.type)",
        at: .file(sample))
    }
    guard let type = port.type.tensor, type.element == tensor.type else {
      throw refuse("dataset.type")
    }
    guard let shape = type.shape else { return tensor }
    var found = tensor.shape
    if found.count == shape.count - 1, shape[0].value ?? 1 == 1 { found.insert(1, at: 0) }
    guard found.count == shape.count else { throw refuse("dataset.shape") }
    for (expected, extent) in zip(shape, found) {
      if let symbol = expected.asSymbol, symbols[symbol] == nil { symbols[symbol] = extent }
      guard expected.evaluate({ symbols[$0] }) ?? extent == extent else {
        throw refuse("dataset.shape")
      }
    }
    return tensor.reshaped(to: found)
  }
}
