extension Tensor {
  /// The elements of a 4-bit or 2-bit integer tensor; the first element sits in the lowest bits of a byte.
  var unpackedIntegers: [Int] {
    let width = type.bitWidth
    let signed = type.isSignedInteger
    return codes.map { code in
      signed && code >> (width - 1) != 0 ? Int(code) - (1 << width) : Int(code)
    }
  }

  /// Packs integers of 4 or 2 bits, wrapping.
  init(packing values: [Int], shape: [Int], type: ElementType) {
    self.init(codes: values.map { UInt8(truncatingIfNeeded: $0) }, shape: shape, type: type)
  }

  /// The bit patterns of a tensor whose elements take at most 8 bits.
  public var codes: [UInt8] {
    let width = type.bitWidth
    let perByte = 8 / width
    let mask = UInt8(truncatingIfNeeded: (1 << width) - 1)
    let count = elementCount
    return withBytes { bytes in
      (0..<count).map { (bytes[$0 / perByte] >> UInt8($0 % perByte * width)) & mask }
    }
  }

  /// A tensor from the bit patterns of elements that take at most 8 bits.
  public init(codes: [UInt8], shape: [Int], type: ElementType) {
    let width = type.bitWidth
    let perByte = 8 / width
    let mask = UInt8(truncatingIfNeeded: (1 << width) - 1)
    self.init(type: type, shape: shape) { bytes in
      for (index, code) in codes.enumerated() {
        bytes[index / perByte] |= (code & mask) << UInt8(index % perByte * width)
      }
    }
  }
}
