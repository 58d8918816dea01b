import Compression
import Diagnostics
import IR
import Synchronization
public import Tensors

/// The samples of a dataset by number, for what goes through them in order again and again: one of them is in memory at a
/// time, and going back begins anew.
public final class DatasetSamples: Sendable {
  private struct Place {
    var reader: any SampleReader
    var next = 0
    /// The one before `next`.
    var last: Sample?
  }

  private let dataset: Dataset
  private let signature: Signature
  private let place: Mutex<Place?>
  public let count: Int

  /// Counts the samples: files are read later, except where the model's batch is a number beyond 1, which takes several
  /// samples or is one.
  ///
  /// - Parameter limit: the most samples to take.
  /// - Throws: what opening the dataset throws, and where it is read, what reading it throws.
  public init(_ path: String, for signature: Signature, limit: Int = .max) throws {
    let dataset = try Dataset(path)
    var count = min(dataset.count, limit)
    if BatchingReader.batch(of: signature) > 1 {
      count = 0
      try dataset.forEachSample(of: signature, limit: limit) { _ in count += 1 }
    }
    self.dataset = dataset
    self.signature = signature
    self.count = count
    place = Mutex(nil)
  }

  /// The inputs of one sample by name.
  ///
  /// - Throws: what reading a file throws; `dataset.empty` beyond the last sample.
  public func inputs(_ index: Int) throws -> [String: Tensor] { try sample(index).inputs }

  /// What messages call a sample: its file, or the archive with an index.
  ///
  /// - Throws: what `inputs` throws.
  public func name(_ index: Int) throws -> String { try sample(index).name }

  /// The digest that statistics know a sample by.
  ///
  /// - Throws: what `inputs` throws.
  public func digest(_ index: Int) throws -> String { try sample(index).digest }

  private func sample(_ index: Int) throws -> Sample {
    try place.withLock { place in
      var here = try place ?? begin()
      if here.next > index + 1 { here = try begin() }
      while here.next <= index {
        here.last = try here.reader.next()
        here.next += 1
        if here.last == nil { break }
      }
      place = here
      guard let found = here.last, here.next == index + 1 else {
        place = nil
        throw Diagnostic("dataset.empty", "there is no sample number \(index)")
      }
      return found
    }
  }

  private func begin() throws -> Place {
    Place(reader: BatchingReader(try dataset.reader(for: signature), for: signature))
  }
}

extension DatasetSamples: Samples {}
