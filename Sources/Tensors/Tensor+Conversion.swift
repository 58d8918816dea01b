extension Tensor {
  /// The elements as doubles, exact for every type up to 53 significant bits; complex numbers and strings have none.
  public var doubles: [Double] {
    switch type {
    case .f32: array(of: Float.self).map(Double.init)
    case .f64: array(of: Double.self)
    case .f16: array(of: Float16.self).map(Double.init)
    case .bf16: array(of: BFloat16.self).map { Double($0.float) }
    case .i8: array(of: Int8.self).map(Double.init)
    case .i16: array(of: Int16.self).map(Double.init)
    case .i32: array(of: Int32.self).map(Double.init)
    case .i64: array(of: Int64.self).map(Double.init)
    case .u8: array(of: UInt8.self).map(Double.init)
    case .u16: array(of: UInt16.self).map(Double.init)
    case .u32: array(of: UInt32.self).map(Double.init)
    case .u64: array(of: UInt64.self).map { Double($0) }
    case .bool: array(of: Bool.self).map { $0 ? 1 : 0 }
    case .i4, .u4, .i2, .u2: unpackedIntegers.map(Double.init)
    case .f8e4m3fn, .f8e4m3fnuz, .f8e5m2, .f8e5m2fnuz, .f8e8m0, .f4e2m1: unpackedSmallFloats
    case .string, .c64, .c128: []
    }
  }

  /// The elements of an integer or boolean tensor; nil for other types.
  public var integers: [Int]? {
    switch type {
    case .i8: array(of: Int8.self).map(Int.init)
    case .i16: array(of: Int16.self).map(Int.init)
    case .i32: array(of: Int32.self).map(Int.init)
    case .i64: array(of: Int64.self).map(Int.init)
    case .u8: array(of: UInt8.self).map(Int.init)
    case .u16: array(of: UInt16.self).map(Int.init)
    case .u32: array(of: UInt32.self).map(Int.init)
    case .u64: array(of: UInt64.self).map { Int(truncatingIfNeeded: $0) }
    case .bool: array(of: Bool.self).map { $0 ? 1 : 0 }
    case .i4, .u4, .i2, .u2: unpackedIntegers
    default: nil
    }
  }

  /// A tensor of any type from doubles: floats round to nearest even, integers truncate toward zero and wrap, complex
  /// numbers are real, strings spell the number.
  public init(doubles values: [Double], shape: [Int], type: ElementType) {
    switch type {
    case .f32: self.init(values.map(Float.init), shape: shape)
    case .f64: self.init(values, shape: shape)
    case .f16: self.init(values.map { Float16($0) }, shape: shape)
    case .bf16: self.init(values.map { BFloat16(Float($0)) }, shape: shape)
    case .bool: self.init(values.map { $0 != 0 }, shape: shape)
    case .string: self.init(strings: values.map(\.description), shape: shape)
    case .c64: self.init(complex: values.map { Float($0) }, shape: shape, type: type)
    case .c128: self.init(complex: values, shape: shape, type: type)
    case .f8e4m3fn, .f8e4m3fnuz, .f8e5m2, .f8e5m2fnuz, .f8e8m0, .f4e2m1:
      self.init(packingSmallFloats: values, shape: shape, type: type)
    case .i8, .i16, .i32, .i64, .u8, .u16, .u32, .u64, .i4, .u4, .i2, .u2:
      self.init(integers: values.map(wrappingInt), shape: shape, type: type)
    }
  }

  /// Complex numbers without imaginary parts.
  private init<Part: TensorElement & BinaryFloatingPoint>(
    complex values: [Part], shape: [Int], type: ElementType
  ) {
    let storage = values.flatMap { part -> [Part] in [part, 0] }.withUnsafeBytes { source in
      TensorStorage(byteCount: source.count) { $0.copyMemory(from: source) }
    }
    self.init(type: type, shape: shape, storage: storage)
  }

  /// A tensor of any type from integers, wrapping where the type is narrower.
  public init(integers values: [Int], shape: [Int], type: ElementType) {
    switch type {
    case .i8: self.init(values.map { Int8(truncatingIfNeeded: $0) }, shape: shape)
    case .i16: self.init(values.map { Int16(truncatingIfNeeded: $0) }, shape: shape)
    case .i32: self.init(values.map { Int32(truncatingIfNeeded: $0) }, shape: shape)
    case .i64: self.init(values.map { Int64($0) }, shape: shape)
    case .u8: self.init(values.map { UInt8(truncatingIfNeeded: $0) }, shape: shape)
    case .u16: self.init(values.map { UInt16(truncatingIfNeeded: $0) }, shape: shape)
    case .u32: self.init(values.map { UInt32(truncatingIfNeeded: $0) }, shape: shape)
    case .u64: self.init(values.map { UInt64(bitPattern: Int64($0)) }, shape: shape)
    case .i4, .u4, .i2, .u2: self.init(packing: values, shape: shape, type: type)
    case .string: self.init(strings: values.map(\.description), shape: shape)
    case .f32, .f64, .f16, .bf16, .bool, .c64, .c128, .f8e4m3fn, .f8e4m3fnuz, .f8e5m2, .f8e5m2fnuz,
      .f8e8m0, .f4e2m1:
      self.init(doubles: values.map(Double.init), shape: shape, type: type)
    }
  }
}

/// The value truncated toward zero, wrapped to 64 bits; zero for NaN and infinities.
private func wrappingInt(_ value: Double) -> Int {
  if let exact = Int(exactly: value.rounded(.towardZero)) { return exact }
  guard value.isFinite else { return 0 }
  if value > 0, value < 0x1p64 { return Int(bitPattern: UInt(value)) }
  return 0
}
