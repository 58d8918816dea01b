import Diagnostics
import IR
package import Tensors

/// What operators that draw random numbers share: the element type they make and the seed.
package struct RandomForm: Sendable, Equatable {
  /// Nil where the input's type is taken.
  package var type: ElementType?
  /// Nil where every run draws other numbers.
  package var seed: Double?

  package init(type: ElementType? = nil, seed: Double? = nil) {
    self.type = type
    self.seed = seed
  }

  init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    type = try attributes.elementType("dtype")
    seed = try attributes.optionalFloat("seed")
  }

  /// Writes the attributes that differ from their defaults.
  func describe(in attributes: inout Attributes) {
    attributes.int("dtype", type.map { Int($0.rawValue) })
    attributes.float("seed", seed)
  }

  /// The type of the output.
  ///
  /// - Throws: `type.element` when it is none of `allowed`.
  func element(
    default standard: ElementType, allowed: TypeSet = .floats
  ) throws(Diagnostic) -> ElementType {
    let found = type ?? standard
    guard allowed.contains(found) else {
      let names = allowed.types.sorted { $0.rawValue < $1.rawValue }.map(\.description)
      throw Diagnostic(
        "type.element",
        "the output is \(found), expected one of " + names.joined(separator: ", "))
    }
    return found
  }

  /// A tensor filled by drawing each element in row-major order.
  func fill(
    _ shape: [Int], _ type: ElementType, _ draw: (inout MersenneTwister) -> Double
  ) throws(Diagnostic) -> Tensor {
    let shape = try TensorRoom.checked(shape)
    var generator = MersenneTwister(seed: seed)
    let values = (0..<shape.elementCount).map { _ in draw(&generator) }
    return Tensor(doubles: values, shape: shape, type: type)
  }
}
