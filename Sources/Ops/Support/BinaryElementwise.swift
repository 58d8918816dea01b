package import Diagnostics
package import IR
package import Tensors

/// An operator that combines two tensors of one type element by element, with multidirectional broadcasting.
///
/// Floating-point results are computed in double and rounded once to the tensors' type; integers stay in their own width.
package protocol BinaryElementwise: IntegerBinaryElementwise {
  /// The result for one pair of floating-point elements.
  func apply(_ a: Double, _ b: Double) -> Double
}

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
    case .i8: try Broadcasting.zip(a, Int8.self, b, Int8.self) { apply($0, $1) }
    case .i16: try Broadcasting.zip(a, Int16.self, b, Int16.self) { apply($0, $1) }
    case .i32: try Broadcasting.zip(a, Int32.self, b, Int32.self) { apply($0, $1) }
    case .i64: try Broadcasting.zip(a, Int64.self, b, Int64.self) { apply($0, $1) }
    case .u8: try Broadcasting.zip(a, UInt8.self, b, UInt8.self) { apply($0, $1) }
    case .u16: try Broadcasting.zip(a, UInt16.self, b, UInt16.self) { apply($0, $1) }
    case .u32: try Broadcasting.zip(a, UInt32.self, b, UInt32.self) { apply($0, $1) }
    default: try Broadcasting.zip(a, UInt64.self, b, UInt64.self) { apply($0, $1) }
    }
  }
}

extension BinaryElementwise {
  package func combine(_ a: Tensor, _ b: Tensor) throws(Diagnostic) -> Tensor {
    if a.type.isInteger { return try combineIntegers(a, b) }
    return try Broadcasting.zipFloats(a, b) { apply($0, $1) }
  }
}
