import Diagnostics
import Tensors

/// How scattered updates meet what is already there.
package enum ScatterReduction: String, CaseIterable, Sendable {
  case none
  case add
  case mul
  case max
  case min

  static var names: [String] { allCases.map(\.rawValue) }

  /// `data` with run number `i` of `updates` combined into its run number `runs[i]`, in order.
  ///
  /// Integers wrap, booleans add as "or" and multiply as "and", floats are accumulated in f64 and rounded once.
  ///
  /// - Throws: `type.reduction` for strings and complex numbers, which only `none` allows.
  func apply(
    _ updates: Tensor, to data: Tensor, _ runs: [Int], run: Int
  ) throws(Diagnostic) -> Tensor {
    if self == .none {
      var mover = ElementMover(copying: data)
      mover.place(from: updates, runs, run: run)
      return mover.finish()
    }
    if var values = data.integers, let others = updates.integers {
      let bias = data.type == .u64 ? Int.min : 0
      Self.forEach(runs, run) { i, j in
        values[j] = combine(values[j], others[i], bias: bias)
      }
      if data.type == .bool { values = values.map { $0 == 0 ? 0 : 1 } }
      return Tensor(integers: values, shape: data.shape, type: data.type)
    }
    guard data.type.isFloat else {
      throw Diagnostic("type.reduction", "\(data.type) elements cannot be reduced by '\(rawValue)'")
    }
    var values = data.doubles
    let others = updates.doubles
    Self.forEach(runs, run) { i, j in values[j] = combine(values[j], others[i]) }
    return Tensor(doubles: values, shape: data.shape, type: data.type)
  }

  private static func forEach(_ runs: [Int], _ run: Int, _ body: (Int, Int) -> Void) {
    for (place, target) in runs.enumerated() {
      for k in 0..<run { body(place * run + k, target * run + k) }
    }
  }

  /// `bias` flips the sign bit so that unsigned 64-bit integers compare as what they are.
  private func combine(_ a: Int, _ b: Int, bias: Int) -> Int {
    switch self {
    case .none: b
    case .add: a &+ b
    case .mul: a &* b
    case .max: a ^ bias > b ^ bias ? a : b
    case .min: a ^ bias < b ^ bias ? a : b
    }
  }

  private func combine(_ a: Double, _ b: Double) -> Double {
    switch self {
    case .none: b
    case .add: a + b
    case .mul: a * b
    case .max: a.isNaN || a > b ? a : b
    case .min: a.isNaN || a < b ? a : b
    }
  }
}
