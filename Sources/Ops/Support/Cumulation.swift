package import Diagnostics
package import IR
package import Tensors

/// An operator that folds all elements before each place along an axis: running sums and products.
///
/// Floats accumulate in double and round once; integers wrap in their own width.
package protocol Cumulation: TensorOp {
  var form: CumulationForm { get }
  init(form: CumulationForm)
  /// The result of no element.
  var neutral: Int { get }
  func combine(_ a: Double, _ b: Double) -> Double
  /// The same for integers, wrapping at 64 bits.
  func combine(_ a: Int, _ b: Int) -> Int
}

/// The attributes that `CumSum` and `CumProd` share.
package struct CumulationForm: Sendable, Equatable {
  /// Whether the element at a place is left out of its own result.
  package var isExclusive = false
  /// Whether the axis is walked from its end.
  package var isReversed = false

  package init(isExclusive: Bool = false, isReversed: Bool = false) {
    self.isExclusive = isExclusive
    self.isReversed = isReversed
  }
}

extension Cumulation {
  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    self.init(
      form: CumulationForm(
        isExclusive: try attributes.flag("exclusive"), isReversed: try attributes.flag("reverse")))
  }

  package var attributes: Attributes {
    Attributes {
      $0.flag("exclusive", form.isExclusive)
      $0.flag("reverse", form.isReversed)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let type = try context.tensorType(0)
    if let shape = type.shape, let axis = context.integers(1)?.first {
      _ = try context.axis(axis, rank: shape.count)
    }
    return [.tensor(type)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    guard let given = inputs[1].integers?.first, given >= -x.rank, given < x.rank else {
      throw Diagnostic(
        "run.axis", "axis is \(inputs[1].doubles), expected one in \(-x.rank)..<\(x.rank)")
    }
    let axis = given < 0 ? given + x.rank : given
    if let integers = x.integers {
      let results = walk(integers, x.shape, axis, neutral) { combine($0, $1) }
      return [Tensor(integers: results, shape: x.shape, type: x.type)]
    }
    let results = walk(x.doubles, x.shape, axis, Double(neutral)) { combine($0, $1) }
    return [Tensor(doubles: results, shape: x.shape, type: x.type)]
  }

  private func walk<T>(
    _ values: [T], _ shape: [Int], _ axis: Int, _ neutral: T, _ combine: (T, T) -> T
  ) -> [T] {
    var results = values
    let length = shape[axis]
    let inner = shape[(axis + 1)...].reduce(1, *)
    for outer in 0..<shape[..<axis].reduce(1, *) {
      for column in 0..<inner {
        var total = neutral
        for step in 0..<length {
          let index = form.isReversed ? length - 1 - step : step
          let place = (outer * length + index) * inner + column
          let next = combine(total, values[place])
          results[place] = form.isExclusive ? total : next
          total = next
        }
      }
    }
    return results
  }
}
