package import Tensors

/// What is taken for a model's inputs in place of what the file says, for tests of models that say less or more.
package enum InputReading: Sendable {
  case asDeclared
  /// No number that the file gives for a dimension is believed: every dimension of every input is a symbol of its own, and
  /// other values have the sizes that follow.
  case withOpenSizes
  /// These inputs, by name, are constants.
  case asConstants([String: Tensor])

  var believesSizes: Bool {
    if case .withOpenSizes = self { return false }
    return true
  }

  func constant(_ name: String) -> Tensor? {
    if case .asConstants(let known) = self { return known[name] }
    return nil
  }
}
