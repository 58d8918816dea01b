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
package protocol UnaryElementwise: TensorOp, Elementwise {
  /// The result for one element.
  func apply(_ x: Double) -> Double
}

extension UnaryElementwise {
  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    [.tensor(try context.tensorType(0))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    [inputs[0].mapFloats { apply($0) }]
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
    case .i8: [x.map(Int8.self) { apply($0) }]
    case .i16: [x.map(Int16.self) { apply($0) }]
    case .i32: [x.map(Int32.self) { apply($0) }]
    case .i64: [x.map(Int64.self) { apply($0) }]
    case .u8: [x.map(UInt8.self) { apply($0) }]
    case .u16: [x.map(UInt16.self) { apply($0) }]
    case .u32: [x.map(UInt32.self) { apply($0) }]
    case .u64: [x.map(UInt64.self) { apply($0) }]
    default: [x.mapFloats { apply($0) }]
    }
  }
}
