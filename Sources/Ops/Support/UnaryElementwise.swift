package import Diagnostics
package import IR
package import Tensors

/// An operator without attributes.
package protocol AttributeFree: Op {
  init()
}

extension AttributeFree {
  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    self.init()
    // Only opsets before 6 have it; it says which buffers may be overwritten.
    attributes.ignore("consumed_inputs")
  }

  package var attributes: Attributes { Attributes() }
}

/// An operator that maps every element of a floating-point tensor on its own; shape and type stay.
///
/// Results are computed in double and rounded once to the tensor's type.
package protocol UnaryElementwise: TensorOp, Elementwise, FloatFunction {}

extension UnaryElementwise {
  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    [.tensor(try context.tensorType(0))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    [inputs[0].mapFloats(self)]
  }
}

/// An elementwise operator that also works on integers, exactly and in their own width.
package protocol NumericUnaryElementwise: UnaryElementwise {
  /// The result for one integer; what does not fit wraps.
  func apply<I: FixedWidthInteger>(_ x: I) -> I
}

extension NumericUnaryElementwise {
  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    return switch x.type {
    case .i8: [x.map(Exact<Self, Int8>(function: self))]
    case .i16: [x.map(Exact<Self, Int16>(function: self))]
    case .i32: [x.map(Exact<Self, Int32>(function: self))]
    case .i64: [x.map(Exact<Self, Int64>(function: self))]
    case .u8: [x.map(Exact<Self, UInt8>(function: self))]
    case .u16: [x.map(Exact<Self, UInt16>(function: self))]
    case .u32: [x.map(Exact<Self, UInt32>(function: self))]
    case .u64: [x.map(Exact<Self, UInt64>(function: self))]
    default: [x.mapFloats(self)]
    }
  }
}

/// An operator on the integers of one width.
private struct Exact<Operator: NumericUnaryElementwise, T: IntegerElement>: ElementFunction {
  let function: Operator

  func callAsFunction(_ x: T) -> T { function.apply(x) }
}
