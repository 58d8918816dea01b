import Diagnostics
import IR
import Tensors

/// Joins samples that are rows of the batch that a model takes; others pass as they are.
///
/// The last batch is filled up with its last row.
struct BatchingReader: SampleReader {
  private var samples: any SampleReader
  private let batch: Int

  init(_ samples: any SampleReader, for signature: Signature) {
    self.samples = samples
    batch = Self.batch(of: signature)
  }

  /// How many rows a model takes at once; 1 where that is open.
  static func batch(of signature: Signature) -> Int {
    signature.inputs.first?.type.tensor?.shape?.first?.value ?? 1
  }

  mutating func next() throws(Diagnostic) -> Sample? {
    guard let first = try samples.next() else { return nil }
    guard first.isRow else { return first }
    var rows = [first]
    while rows.count < batch, let row = try samples.next() { rows.append(row) }
    let filled = rows + Array(repeating: rows[rows.count - 1], count: batch - rows.count)
    var inputs: [String: Tensor] = [:]
    for name in first.inputs.keys {
      inputs[name] = try Self.joined(filled.compactMap { $0.inputs[name] }, of: first.name)
    }
    let labels = rows.compactMap(\.labels)
    return Sample(
      name: first.name, inputs: inputs,
      labels: labels.count == rows.count ? try Self.joined(labels, of: first.name) : nil,
      count: rows.count)
  }

  /// - Throws: `dataset.shape` when the tensors differ in type or shape.
  private static func joined(_ rows: [Tensor], of sample: String) throws(Diagnostic) -> Tensor {
    let (type, shape) = (rows[0].type, rows[0].shape)
    if let other = rows.first(where: { $0.type != type || $0.shape != shape }) {
      throw Diagnostic(
        "dataset.shape",
        "found \(other.type)\(other.shape) and \(type)\(shape), expected the same within a batch",
        at: .file(sample))
    }
    let whole = [rows.count * shape[0]] + shape.dropFirst()
    if type == .string { return Tensor(strings: rows.flatMap(\.strings), shape: whole) }
    let bytes = rows.flatMap { row in row.withBytes { Array($0) } }
    return Tensor(type: type, shape: whole) { $0.copyBytes(from: bytes) }
  }
}
