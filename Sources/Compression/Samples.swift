package import Tensors

/// Inputs of a model, one set per sample, that can be gone through several times.
package protocol Samples: Sendable {
  var count: Int { get }

  /// The inputs of one sample by name.
  ///
  /// - Throws: a `Diagnostic` when it cannot be read.
  func inputs(_ index: Int) throws -> [String: Tensor]

  /// What messages call a sample.
  func name(_ index: Int) throws -> String

  /// What a sample is known by wherever it is met again.
  func digest(_ index: Int) throws -> String
}
