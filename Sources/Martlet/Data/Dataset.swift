public import Diagnostics
import Foundation

/// Samples for calibration or evaluation: a folder or one `.npz` file, read one sample at a time, as often as wanted.
public struct Dataset: Sendable {
  private enum Content: Sendable {
    case folder(DatasetFolder)
    case archive(DatasetArchive)
  }

  public let path: String
  private let content: Content

  /// Finds out what is there; samples are read later.
  ///
  /// - Throws: `dataset.empty` when there are no samples, `dataset.file`, `dataset.sample-count`, `dataset.yaml`,
  ///   `dataset.unknown-key`, `dataset.labels`, `dataset.path`, or what reading files throws.
  public init(_ path: String) throws(Diagnostic) {
    self.path = path
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw Diagnostic("file.read", "cannot read: no such file or directory", at: .file(path))
    }
    if isFolder.boolValue {
      content = .folder(try DatasetFolder(path))
    } else if path.lowercased().hasSuffix(".npz") {
      content = .archive(try DatasetArchive(path))
    } else {
      throw Diagnostic(
        "dataset.file", "unknown kind of dataset, expected a folder or a .npz file",
        at: .file(path))
    }
  }

  /// How many samples there are; a model with a batch of its own runs on several at once.
  public var count: Int {
    switch content {
    case .folder(let folder): folder.files.count
    case .archive(let archive): archive.count
    }
  }

  /// What `dataset.yaml` wants to be measured.
  public var metric: Metric? {
    guard case .folder(let folder) = content else { return nil }
    return folder.description.metric
  }

  /// Reads the samples for a model, one after the other.
  ///
  /// Where the batch of the model's inputs is a number, so many samples are joined into one; the last is filled up.
  ///
  /// - Parameters:
  ///   - limit: the most samples of the dataset to read, rounded up to whole batches; nil for all.
  ///   - body: called with each, in the same order every time.
  /// - Throws: `dataset.unknown-input` when `dataset.yaml` names an input that the model lacks,
  ///   `dataset.missing-input`, `dataset.type`, `dataset.shape`, what decoding a file throws, and what `body` throws.
  public func forEachSample(
    of signature: Signature, limit: Int? = nil, _ body: (Sample) throws -> Void
  ) throws {
    var reader = BatchingReader(try reader(for: signature), for: signature)
    var remaining = limit ?? .max
    while remaining > 0, let sample = try reader.next() {
      try body(sample)
      remaining -= sample.count
    }
  }

  func reader(for signature: Signature) throws(Diagnostic) -> any SampleReader {
    switch content {
    case .archive(let archive): return try DatasetArchive.Reader(archive, signature)
    case .folder(let folder):
      let names = signature.inputs.map(\.name)
      if let unknown = folder.description.inputs.keys.sorted().first(where: { !names.contains($0) })
      {
        throw Diagnostic(
          "dataset.unknown-input",
          "the model has no input '\(unknown)', expected one of "
            + names.map { "'\($0)'" }.joined(separator: ", "),
          at: .file("\(path)/dataset.yaml"))
      }
      return DatasetFolder.Reader(folder, signature)
    }
  }
}
