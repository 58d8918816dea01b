import Diagnostics
import Tensors

/// Goes through a dataset once.
protocol SampleReader {
  /// The next sample; nil after the last.
  ///
  /// - Throws: what keeps the sample from being read, with its file.
  mutating func next() throws(Diagnostic) -> Sample?
}
