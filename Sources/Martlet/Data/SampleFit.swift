import Diagnostics
import IR
import Tensors

/// Which tensors a model takes as a sample, and in which shapes.
struct SampleFit {
  let signature: Signature
  /// The same model for one row of its batch; nil where its batch is no number beyond 1.
  private let row: Signature?

  init(_ signature: Signature) {
    self.signature = signature
    let extents = Set(signature.inputs.map { $0.type.tensor?.shape?.first?.value })
    guard extents.count == 1, let extent = extents.first.flatMap({ $0 }), extent > 1 else {
      row = nil
      return
    }
    let inputs = signature.inputs.map { port in
      guard let type = port.type.tensor, let shape = type.shape else { return port }
      return Signature.Port(
        name: port.name, type: .tensor(type.element, [1] + shape.dropFirst()))
    }
    row = Signature(source: signature.source, inputs: inputs, outputs: signature.outputs)
  }

  /// The inputs as images see them: a batch of several has room for one.
  var imagePorts: [Signature.Port] {
    zip(signature.inputs, row?.inputs ?? signature.inputs).map { whole, row in
      whole.type.tensor?.shape?.count == 4 ? row : whole
    }
  }

  /// The sample of some tensors.
  ///
  /// A tensor that lacks the first axis gets it, where the input has it with 1 or leaves it open. A tensor under another
  /// name serves where the model has one input and the sample one tensor. Tensors that do not fit whole may be one row of
  /// the model's batch.
  ///
  /// - Parameter place: what messages call the sample.
  /// - Throws: `dataset.missing-input`, `dataset.type`, `dataset.shape`.
  func sample(
    _ name: String, _ given: [String: Tensor], labels: Tensor?, at place: String
  ) throws(Diagnostic) -> Sample {
    var given = given
    if signature.inputs.count == 1, given.count == 1, let only = given.first {
      given = [signature.inputs[0].name: only.value]
    }
    do throws(Diagnostic) {
      let inputs = try Self.inputs(given, of: signature, at: place)
      return Sample(name: name, inputs: inputs, labels: labels)
    } catch {
      guard error.id == "dataset.shape", let row,
        let inputs = try? Self.inputs(given, of: row, at: place)
      else { throw error }
      return Sample(name: name, inputs: inputs, labels: labels, isRow: true)
    }
  }

  private static func inputs(
    _ given: [String: Tensor], of signature: Signature, at place: String
  ) throws(Diagnostic) -> [String: Tensor] {
    var symbols: [Symbol: Int] = [:]
    var result: [String: Tensor] = [:]
    for port in signature.inputs {
      guard let tensor = given[port.name] else {
        let found = given.keys.sorted().map { "'\($0)'" }.joined(separator: ", ")
        throw Diagnostic(
          "dataset.missing-input",
          "the sample has \(found.isEmpty ? "no tensor" : found), expected input '\(port.name)' \(port.type)",
          at: .file(place),
          notes: ["a .npz file holds one array for each input"])
      }
      result[port.name] = try fitted(tensor, to: port, &symbols, place)
    }
    return result
  }

  private static func fitted(
    _ tensor: Tensor, to port: Signature.Port, _ symbols: inout [Symbol: Int], _ place: String
  ) throws(Diagnostic) -> Tensor {
    func refuse(_ id: String) -> Diagnostic {
      Diagnostic(
        id, "found \(tensor.type)\(tensor.shape), expected input '\(port.name)' \(port.type)",
        at: .file(place))
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
