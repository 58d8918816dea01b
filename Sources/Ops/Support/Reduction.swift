package import Diagnostics
package import IR
package import Tensors

/// An operator that folds the elements along some axes into one.
///
/// Floats accumulate in double, in row-major order, and round once; integers are exact and wrap in their own width.
package protocol Reduction: TensorOp {
  /// What is kept while elements come in.
  associatedtype State: BitwiseCopyable & Sendable
  var form: ReductionForm { get }
  init(form: ReductionForm)
  /// The state before the first element.
  var initial: State { get }
  /// Folds one element.
  func add(_ x: Double, to state: inout State)
  /// The result of `count` elements.
  func result(_ state: State, count: Int) -> Double
  /// The reduction of an integer or boolean tensor.
  func reduceIntegers(_ x: Tensor, kept: [Int]) -> Tensor
}

extension Reduction {
  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    self.init(form: try ReductionForm(&attributes))
  }

  package init() { self.init(form: ReductionForm()) }

  package var attributes: Attributes { form.attributes }

  package static func upgrade(_ node: inout ImportedNode) throws(Diagnostic) {
    if node.inputs.count < 2 { node.moveIntsToInput("axes", 1) }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    [try form.infer(context)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let (kept, final) = try form.shapes(of: x.shape, axes: inputs.optional(1))
    let shape = try TensorRoom.checked(kept)
    let reduced = x.type.isFloat ? reduceFloats(x, kept: shape) : reduceIntegers(x, kept: shape)
    return [reduced.reshaped(to: final)]
  }

  /// Integers by way of double, truncated: for reductions whose result is not an integer anyway.
  package func reduceIntegers(_ x: Tensor, kept: [Int]) -> Tensor {
    reduceFloats(x.converted(to: .f64), kept: kept).converted(to: x.type)
  }

  func reduceFloats(_ x: Tensor, kept: [Int]) -> Tensor {
    switch x.type {
    case .f32: fold(x, kept, Float.self)
    case .f64: fold(x, kept, Double.self)
    case .f16: fold(x, kept, Float16.self)
    default: fold(x, kept, BFloat16.self)
    }
  }

  private func fold<T: FloatElement>(_ x: Tensor, _ kept: [Int], _: T.Type) -> Tensor {
    var states = Array(repeating: initial, count: kept.elementCount)
    x.withSpan(of: T.self) { source in
      // Reduced axes are those along which the result is broadcast to the input.
      var rows = BroadcastCursor([kept], target: x.shape)
      while rows.next() {
        let row = source.extracting(rows.start..<(rows.start + rows.rowLength))
        let place = rows.offsets[0]
        if rows.steps[0] == 0 {
          var state = states[place]
          for index in 0..<row.count { add(row[index].wide, to: &state) }
          states[place] = state
        } else {
          for index in 0..<row.count { add(row[index].wide, to: &states[place + index]) }
        }
      }
    }
    let count = kept.elementCount == 0 ? 0 : x.elementCount / kept.elementCount
    return Tensor(
      doubles: states.map { result($0, count: count) }, shape: kept, type: x.type)
  }
}

/// A reduction that is exact on integers.
package protocol IntegerReduction: Reduction {
  /// Whether only the order of elements matters, so that 64-bit unsigned ones may be shifted into the signed range.
  var isOrdering: Bool { get }
  /// The result of no element, for a type whose values lie in `range`.
  func initialInteger(in range: ClosedRange<Int>) -> Int
  /// Folds one element; arithmetic wraps at 64 bits, of which the result keeps as many as its type has.
  func add(_ x: Int, to state: Int) -> Int
  /// The result of `count` elements.
  func integerResult(_ state: Int, count: Int) -> Int
}

extension IntegerReduction {
  package var isOrdering: Bool { false }

  package func integerResult(_ state: Int, count: Int) -> Int { state }

  package func reduceIntegers(_ x: Tensor, kept: [Int]) -> Tensor {
    let shift = isOrdering && x.type == .u64 ? Int.min : 0
    let values = x.integers ?? []
    let first = initialInteger(in: x.type.integerRange)
    var states = Array(repeating: first, count: kept.elementCount)
    var rows = BroadcastCursor([kept], target: x.shape)
    while rows.next() {
      for index in 0..<rows.rowLength {
        let place = rows.offsets[0] + index * rows.steps[0]
        states[place] = add(values[rows.start + index] ^ shift, to: states[place])
      }
    }
    let count = kept.elementCount == 0 ? 0 : x.elementCount / kept.elementCount
    let results = states.map { integerResult($0, count: count) ^ shift }
    return Tensor(integers: results, shape: kept, type: x.type)
  }
}
