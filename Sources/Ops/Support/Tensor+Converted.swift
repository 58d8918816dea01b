package import Tensors

extension Tensor {
  /// The same numbers in another numeric type: floats round to nearest even, integers truncate toward zero and wrap.
  ///
  /// Integers reach other integer types and floating-point types without passing through double.
  package func converted(to target: ElementType) -> Tensor {
    if type == target { return self }
    switch (type, target) {
    case (.f32, .f64): return map(Float.self) { Double($0) }
    case (.f64, .f32): return map(Double.self) { Float($0) }
    case (.f16, .f32): return map(Float16.self) { Float($0) }
    case (.f32, .f16): return map(Float.self) { Float16($0) }
    case (.bf16, .f32): return map(BFloat16.self) { $0.float }
    case (.f32, .bf16): return map(Float.self) { BFloat16($0) }
    case (.u8, .f32): return map(UInt8.self) { Float($0) }
    case (.i8, .f32): return map(Int8.self) { Float($0) }
    case (.i32, .f32): return map(Int32.self) { Float($0) }
    case (.i32, .u8): return map(Int32.self) { UInt8(truncatingIfNeeded: $0) }
    case (.i32, .i8): return map(Int32.self) { Int8(truncatingIfNeeded: $0) }
    case (.u8, .i32): return map(UInt8.self) { Int32($0) }
    case (.i8, .i32): return map(Int8.self) { Int32($0) }
    case (.i32, .i64): return map(Int32.self) { Int64($0) }
    case (.bool, .f32): return map(Bool.self) { $0 ? Float(1) : 0 }
    case (.u64, .f32): return map(UInt64.self) { Float($0) }
    case (.i64, .f32): return map(Int64.self) { Float($0) }
    case (.u64, .f64): return map(UInt64.self) { Double($0) }
    case (.u64, .f16): return map(UInt64.self) { Float16($0) }
    case (.i64, .f16): return map(Int64.self) { Float16($0) }
    default: break
    }
    if !target.isFloat, let integers {
      return target == .bool
        ? Tensor(integers.map { $0 != 0 }, shape: shape)
        : Tensor(integers: integers, shape: shape, type: target)
    }
    return Tensor(doubles: doubles, shape: shape, type: target)
  }
}
