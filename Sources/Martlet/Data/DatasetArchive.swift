import Diagnostics
import Tensors

/// A dataset as one `.npz` file: arrays named as the model's inputs with samples along the first axis, and optionally
/// `labels`.
struct DatasetArchive: Sendable {
  private static let labels = "labels"

  let path: String
  let count: Int

  /// - Throws: `dataset.empty`; `dataset.sample-count` for arrays of different lengths and for scalars; what reading the
  ///   arrays' headers throws.
  init(_ path: String) throws(Diagnostic) {
    self.path = path
    let streams = try NumpyArchive.streams(path).sorted { $0.key < $1.key }
    let counts = Set(streams.map(\.value.sliceCount))
    guard counts.count <= 1, !counts.contains(nil) else {
      let found = streams.map { "'\($0.key)' \($0.value.preamble.shape)" }.joined(separator: ", ")
      throw Diagnostic(
        "dataset.sample-count",
        "found \(found), expected arrays with as many samples along the first axis",
        at: .file(path))
    }
    count = counts.first.flatMap { $0 } ?? 0
    guard count > 0 else {
      throw Diagnostic(
        "dataset.empty", "found no samples, expected arrays with samples along the first axis",
        at: .file(path))
    }
  }

  /// Reads one slice of every array after the other.
  struct Reader: SampleReader {
    private let archive: DatasetArchive
    private let fit: SampleFit
    private let inputs: [(name: String, stream: NumpyStream)]
    private let labels: NumpyStream?
    private var position = 0

    /// - Throws: what reading the arrays' headers throws.
    init(_ archive: DatasetArchive, _ signature: Signature) throws(Diagnostic) {
      self.archive = archive
      fit = SampleFit(signature)
      var streams = try NumpyArchive.streams(archive.path)
      let names = Set(signature.inputs.map(\.name))
      labels =
        names.contains(DatasetArchive.labels)
        ? nil : streams.removeValue(forKey: DatasetArchive.labels)
      if streams.count > 1 { streams = streams.filter { names.contains($0.key) } }
      inputs = streams.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    mutating func next() throws(Diagnostic) -> Sample? {
      guard position < archive.count else { return nil }
      defer { position += 1 }
      let name = "\(archive.path)[\(position)]"
      var given: [String: Tensor] = [:]
      for (name, stream) in inputs { given[name] = try stream.nextSlice() }
      let row = try labels?.nextSlice()
      let labels = row.map { $0.reshaped(to: [1] + ($0.rank == 0 ? [1] : $0.shape)) }
      return try fit.sample(name, given, labels: labels, at: name)
    }
  }
}
