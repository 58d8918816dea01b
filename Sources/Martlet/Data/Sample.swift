import Diagnostics
public import IR
import LLVMBackend
public import Tensors

/// What a model is run on once.
public struct Sample: Sendable {
  /// What messages call it: the file, or the archive with an index.
  public let name: String
  /// By the input's name, in the shapes that the model takes.
  public let inputs: [String: Tensor]
  /// Numbers, one row for each of the dataset's samples in it; nil where none are known.
  public let labels: Tensor?
  /// How many of the dataset's samples it is made of: rows of the batch beyond these only fill it up.
  public internal(set) var count = 1
  /// Whether it is one row of the batch that the model takes.
  var isRow = false

  /// The inputs in the order of a model's.
  ///
  /// - Precondition: the sample was read for this signature.
  public func values(for signature: Signature) -> [Value] {
    signature.inputs.compactMap { port in inputs[port.name].map { .tensor($0) } }
  }

  /// 64 hexadecimal digits that depend on names, types, shapes and elements of the inputs, not on the sample's name.
  public var digest: String {
    let parts = inputs.sorted { $0.key < $1.key }.flatMap { name, tensor -> [[UInt8]] in
      let elements =
        tensor.type == .string
        ? tensor.strings.flatMap { Array($0.utf8) + [0] } : tensor.withBytes { Array($0) }
      return [Array(name.utf8), Array("\(tensor.type)\(tensor.shape)".utf8), elements]
    }
    return ContentHash(parts).text
  }
}
