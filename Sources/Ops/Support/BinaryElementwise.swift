package import Diagnostics
package import IR
package import Tensors

/// An operator that combines two tensors of one type element by element, with multidirectional broadcasting.
///
/// Floating-point results are computed in double and rounded once to the tensors' type; integers stay in their own width.
package protocol BinaryElementwise: IntegerBinaryElementwise, FloatPairFunction {}

/// An operator that combines two integer tensors of one type element by element, with multidirectional broadcasting.
package protocol IntegerBinaryElementwise: TensorOp, Elementwise {
  /// The result for one pair of integers; what does not fit wraps.
  func apply<I: FixedWidthInteger>(_ a: I, _ b: I) -> I
  /// The operator applied to two tensors of one type.
  ///
  /// - Throws: `shape.broadcast`, `shape.too-large`.
  func combine(_ a: Tensor, _ b: Tensor) throws(Diagnostic) -> Tensor
}

extension IntegerBinaryElementwise {
  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let shape = try Broadcasting.shape(try context.shape(0), try context.shape(1))
    return [.tensor(try context.element(0), shape)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    [try combine(inputs[0], inputs[1])]
  }

  package func combine(_ a: Tensor, _ b: Tensor) throws(Diagnostic) -> Tensor {
    try combineIntegers(a, b)
  }

  /// The operator applied to two integer tensors of one type.
  func combineIntegers(_ a: Tensor, _ b: Tensor) throws(Diagnostic) -> Tensor {
    switch a.type {
    case .i8: try Broadcasting.zip(a, b, Exact<Self, Int8>(function: self))
    case .i16: try Broadcasting.zip(a, b, Exact<Self, Int16>(function: self))
    case .i32: try Broadcasting.zip(a, b, Exact<Self, Int32>(function: self))
    case .i64: try Broadcasting.zip(a, b, Exact<Self, Int64>(function: self))
    case .u8: try Broadcasting.zip(a, b, Exact<Self, UInt8>(function: self))
    case .u16: try Broadcasting.zip(a, b, Exact<Self, UInt16>(function: self))
    case .u32: try Broadcasting.zip(a, b, Exact<Self, UInt32>(function: self))
    default: try Broadcasting.zip(a, b, Exact<Self, UInt64>(function: self))
    }
  }
}

extension BinaryElementwise {
  package func combine(_ a: Tensor, _ b: Tensor) throws(Diagnostic) -> Tensor {
    if a.type.isInteger { return try combineIntegers(a, b) }
    return try Broadcasting.zipFloats(a, b, self)
  }
}

/// An operator on two integers of one width.
private struct Exact<Operator: IntegerBinaryElementwise, T: IntegerElement>: PairFunction {
  let function: Operator

  func callAsFunction(_ a: T, _ b: T) -> T { function.apply(a, b) }
}
