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
  }

  private let dataset: Dataset
  private let signature: Signature
  private let place: Mutex<Place?>
  public let count: Int

  /// Goes through the dataset once, so that a file that cannot be read is found before anything long begins.
  ///
  /// - Parameter limit: the most samples to take.
  /// - Throws: what opening and reading the dataset throws.
  public init(_ path: String, for signature: Signature, limit: Int = .max) throws {
    let dataset = try Dataset(path)
    var count = 0
    try dataset.forEachSample(of: signature, limit: limit) { _ in count += 1 }
    self.dataset = dataset
    self.signature = signature
    self.count = count
    place = Mutex(nil)
  }

  /// The inputs of one sample by name.
  ///
  /// - Throws: what reading a file throws; `dataset.empty` beyond the last sample.
  public func inputs(_ index: Int) throws -> [String: Tensor] {
    try place.withLock { place in
      var here = try place ?? begin()
      if here.next > index { here = try begin() }
      var found: Sample?
      while here.next <= index, let sample = try here.reader.next() {
        found = sample
        here.next += 1
      }
      place = here
      guard let found, here.next == index + 1 else {
        throw Diagnostic("dataset.empty", "there is no sample number \(index)")
      }
      return found.inputs
    }
  }

  private func begin() throws -> Place {
    Place(reader: BatchingReader(try dataset.reader(for: signature), for: signature))
  }
}

extension DatasetSamples: Samples {}
