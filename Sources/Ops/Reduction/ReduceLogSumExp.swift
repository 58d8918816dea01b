import Glibc
package import IR
import Tensors

/// The logarithm of the sum of the exponentials of the elements along some axes, without overflow.
///
/// - Inputs: `data`; optional `axes`, an `i64` vector, each at most once. Output: `reduced`, the same type, with reduced
///   axes of length 1 or gone. No element gives minus infinity.
/// - Attributes: `keepdims` (default 1); `noop_with_empty_axes` (default 0): 1 makes missing axes mean none, not all.
/// - Errors: `attribute.axis`, `attribute.repeated-axis`.
/// - Source: ONNX ReduceLogSumExp-28 (versions 1, 11, 13, 18, 28; before 18 axes are an attribute).
package struct ReduceLogSumExp: Reduction {
  package static let schema = OpSchema(
    "ReduceLogSumExp", versions: [1, 11, 13, 18, 28],
    inputs: [.required("data", "T"), .optional("axes", "A")],
    outputs: [.required("reduced", "T")],
    types: ["T": TypeSet.floats.union([.i32, .i64, .u32, .u64]), "A": .i64])

  /// The greatest element so far and the sum of the exponentials of all elements less it.
  package struct State: BitwiseCopyable, Sendable {
    var greatest = -Double.infinity
    var sum = 0.0
  }

  package let form: ReductionForm

  package init(form: ReductionForm) { self.form = form }

  package var initial: State { State() }

  package func add(_ x: Double, to state: inout State) {
    if x > state.greatest {
      // The first element finds a sum of 0; infinite ones must not make it NaN.
      if state.sum != 0 { state.sum *= exp(state.greatest - x) }
      state.greatest = x
      state.sum += 1
    } else if x == state.greatest {
      state.sum += x == -.infinity ? 0 : 1
    } else {
      state.sum += exp(x - state.greatest)
    }
  }

  package func result(_ state: State, count: Int) -> Double {
    state.greatest.isInfinite && !state.sum.isNaN
      ? state.greatest : state.greatest + log(state.sum)
  }
}
