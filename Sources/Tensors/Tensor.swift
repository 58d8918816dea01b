import Glibc

/// A dense array in row-major order: an element type, a shape and shared immutable bytes.
public struct Tensor: Sendable {
  public let type: ElementType
  public let shape: [Int]
  public let storage: TensorStorage

  /// - Precondition: `storage` holds exactly the bytes that `type` and `shape` need.
  public init(type: ElementType, shape: [Int], storage: TensorStorage) {
    self.type = type
    self.shape = shape
    self.storage = storage
    let count = shape.elementCount
    precondition(
      type == .string
        ? storage.strings.count == count : storage.bytes.count >= type.byteCount(of: count))
  }

  /// - Precondition: `values.count` is the product of `shape`.
  public init<T: TensorElement>(_ values: [T], shape: [Int]) {
    precondition(values.count == shape.elementCount)
    let storage = values.withUnsafeBytes { source in
      TensorStorage(byteCount: source.count) { $0.copyMemory(from: source) }
    }
    self.init(type: T.elementType, shape: shape, storage: storage)
  }

  public init<T: TensorElement>(scalar value: T) { self.init([value], shape: []) }

  public init(strings: [String], shape: [Int]) {
    self.init(type: .string, shape: shape, storage: TensorStorage(strings: strings))
  }

  /// A tensor whose raw bytes are written by `fill`, zero where it writes nothing.
  public init(
    type: ElementType, shape: [Int], fill: (UnsafeMutableRawBufferPointer) -> Void
  ) {
    let byteCount = type.byteCount(of: shape.elementCount)
    self.init(
      type: type, shape: shape, storage: TensorStorage(byteCount: byteCount, fill: fill))
  }

  /// A tensor of `T` whose elements are written by `fill`, zero where it writes nothing.
  @inlinable
  public init<T: TensorElement>(
    of: T.Type, shape: [Int], fill: (inout MutableSpan<T>) -> Void
  ) {
    self.init(type: T.elementType, shape: shape) { raw in
      let typed = raw.bindMemory(to: T.self)
      var span = typed.mutableSpan
      fill(&span)
    }
  }

  /// All zeros; false for booleans, empty for strings.
  public init(zeros shape: [Int], type: ElementType) {
    if type == .string {
      self.init(strings: Array(repeating: "", count: shape.elementCount), shape: shape)
    } else {
      self.init(type: type, shape: shape) { _ in }
    }
  }

  public var elementCount: Int { shape.elementCount }
  public var rank: Int { shape.count }
  public var byteCount: Int { type.byteCount(of: elementCount) }

  /// Whether both have the same bytes, whatever their types and shapes.
  package func hasEqualBytes(_ other: Tensor) -> Bool {
    withBytes { own in
      other.withBytes { bytes in
        guard own.count == bytes.count else { return false }
        guard let start = own.baseAddress, let otherStart = bytes.baseAddress else { return true }
        return memcmp(start, otherStart, own.count) == 0
      }
    }
  }

  /// The elements as raw bytes, without the padding of the storage.
  @inlinable
  public func withBytes<R, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    try body(UnsafeRawBufferPointer(rebasing: storage.bytes[0..<byteCount]))
  }

  /// Reads the elements in place.
  ///
  /// - Precondition: `type` is the element type of `T`.
  @inlinable
  public func withSpan<T: TensorElement, R, E: Error>(
    of: T.Type, _ body: (Span<T>) throws(E) -> R
  ) throws(E) -> R {
    precondition(type == T.elementType, "tensor holds \(type), asked for \(T.elementType)")
    let typed = UnsafeBufferPointer<T>(
      start: storage.bytes.baseAddress?.assumingMemoryBound(to: T.self), count: elementCount)
    return try body(typed.span)
  }

  /// A copy of the elements.
  ///
  /// - Precondition: `type` is the element type of `T`.
  @inlinable
  public func array<T: TensorElement>(of: T.Type) -> [T] {
    precondition(type == T.elementType, "tensor holds \(type), asked for \(T.elementType)")
    return Array(
      UnsafeBufferPointer<T>(
        start: storage.bytes.baseAddress?.assumingMemoryBound(to: T.self), count: elementCount))
  }

  /// The elements of a string tensor; empty for every other type.
  public var strings: [String] { storage.strings }

  /// The same elements under another shape with as many elements.
  public func reshaped(to shape: [Int]) -> Tensor {
    precondition(shape.elementCount == elementCount)
    return Tensor(type: type, shape: shape, storage: storage)
  }
}

extension [Int] {
  /// The product of the dimensions: 1 for a scalar.
  @inlinable public var elementCount: Int { reduce(1, *) }

  /// Row-major strides in elements.
  public var rowMajorStrides: [Int] {
    var strides = Array(repeating: 1, count: count)
    for axis in stride(from: count - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * self[axis + 1]
    }
    return strides
  }

  /// The product of the dimensions, or nil when a dimension is negative or the product overflows.
  public var checkedElementCount: Int? {
    var product = 1
    for dimension in self {
      guard dimension >= 0 else { return nil }
      let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
      if overflow { return nil }
      product = next
    }
    return product
  }
}
