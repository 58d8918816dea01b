/// A tensor in the making: elements are moved into it from tensors of the same type, whatever that type is.
///
/// Positions count elements in row-major order. Sub-byte elements are unpacked while they move and packed at the
/// end; strings move as strings.
public struct ElementMover {
  public let type: ElementType
  public let shape: [Int]
  private let width: Int
  private var bytes: [UInt8]
  private var strings: [String]

  /// All zeros: false for booleans, empty for strings.
  public init(type: ElementType, shape: [Int]) {
    self.type = type
    self.shape = shape
    width = max(type.bitWidth / 8, 1)
    let count = shape.elementCount
    bytes = type == .string ? [] : Array(repeating: 0, count: count * width)
    strings = type == .string ? Array(repeating: "", count: count) : []
  }

  /// A copy of `tensor`.
  public init(copying tensor: Tensor) {
    self.init(type: tensor.type, shape: tensor.shape)
    let run = [tensor.elementCount]
    move(from: tensor, at: 0, strides: [1], to: 0, strides: [1], shape: run)
  }

  private var count: Int { type == .string ? strings.count : bytes.count / width }

  /// Moves a block of `shape` elements: from `source`, beginning at element `start` and walking `strides`, to
  /// `target`, walking `targetStrides`.
  ///
  /// - Precondition: the block lies inside both tensors, and the types are equal.
  public mutating func move(
    from source: Tensor, at start: Int, strides: [Int], to target: Int,
    strides targetStrides: [Int], shape: [Int]
  ) {
    precondition(source.type == type, "tensor holds \(source.type), expected \(type)")
    if shape.contains(0) { return }
    checkBlock(start, strides, shape, within: source.elementCount)
    checkBlock(target, targetStrides, shape, within: count)
    let block = MovedBlock(shape: shape, from: strides, to: targetStrides)
    if type == .string {
      block.forEachRun { i, j in
        for k in 0..<block.runLength {
          strings[target + j + k * block.runTo] = source.strings[start + i + k * block.runFrom]
        }
      }
      return
    }
    withByteElements(of: source) { from in
      bytes.withUnsafeMutableBytes { to in
        block.forEachRun { i, j in
          block.copyRun(from, start + i, to, target + j, width: width)
        }
      }
    }
  }

  /// Moves runs of `run` elements: run number `positions[i]` of `source` becomes run number `i` here; negative
  /// positions leave what is there.
  public mutating func pick(from source: Tensor, _ positions: [Int], run: Int = 1) {
    let own = positions.indices
    moveRuns(from: source, positions.lazy.enumerated().map { ($1, own.lowerBound + $0) }, run)
  }

  /// Moves runs of `run` elements: run number `i` of `source` becomes run number `positions[i]` here, in order;
  /// negative positions drop it.
  public mutating func place(from source: Tensor, _ positions: [Int], run: Int = 1) {
    moveRuns(from: source, positions.lazy.enumerated().map { ($0, $1) }, run)
  }

  private mutating func moveRuns(
    from source: Tensor, _ pairs: some Sequence<(Int, Int)>, _ run: Int
  ) {
    precondition(source.type == type, "tensor holds \(source.type), expected \(type)")
    let available = source.elementCount
    let count = count
    if type == .string {
      for (i, j) in pairs where i >= 0 && j >= 0 {
        for k in 0..<run { strings[j * run + k] = source.strings[i * run + k] }
      }
      return
    }
    withByteElements(of: source) { from in
      bytes.withUnsafeMutableBytes { to in
        guard let input = from.baseAddress, let output = to.baseAddress else { return }
        for (i, j) in pairs where i >= 0 && j >= 0 {
          precondition((i + 1) * run <= available && (j + 1) * run <= count)
          (output + j * run * width).copyMemory(
            from: input + i * run * width, byteCount: run * width)
        }
      }
    }
  }

  /// Sets every element to that of a one-element tensor.
  public mutating func fill(with value: Tensor) {
    move(
      from: value, at: 0, strides: [0], to: 0, strides: [1], shape: [count])
  }

  /// The finished tensor.
  public consuming func finish() -> Tensor {
    if type == .string { return Tensor(strings: strings, shape: shape) }
    if type.bitWidth < 8 { return Tensor(codes: bytes, shape: shape, type: type) }
    return bytes.withUnsafeBytes { source in
      Tensor(type: type, shape: shape) { $0.copyMemory(from: source) }
    }
  }

  private func checkBlock(_ start: Int, _ strides: [Int], _ shape: [Int], within count: Int) {
    var low = start
    var high = start
    for (stride, extent) in zip(strides, shape) {
      let reach = stride * (extent - 1)
      if reach < 0 { low += reach } else { high += reach }
    }
    precondition(low >= 0 && high < count, "block \(low)...\(high) leaves 0..<\(count)")
  }

  /// The bytes of a tensor with every element on bytes of its own.
  private func withByteElements(of source: Tensor, _ body: (UnsafeRawBufferPointer) -> Void) {
    if source.type.bitWidth < 8 {
      source.codes.withUnsafeBytes(body)
    } else {
      source.withBytes(body)
    }
  }
}

/// A block of elements as an odometer of runs, with dimensions merged where both sides allow it.
private struct MovedBlock {
  private(set) var shape: [Int] = []
  private var from: [Int] = []
  private var to: [Int] = []
  private(set) var runLength = 1
  private(set) var runFrom = 1
  private(set) var runTo = 1

  init(shape: [Int], from: [Int], to: [Int]) {
    for axis in shape.indices where shape[axis] != 1 {
      if let last = self.shape.indices.last, self.from[last] == from[axis] * shape[axis],
        self.to[last] == to[axis] * shape[axis]
      {
        self.shape[last] *= shape[axis]
        self.from[last] = from[axis]
        self.to[last] = to[axis]
      } else {
        self.shape.append(shape[axis])
        self.from.append(from[axis])
        self.to.append(to[axis])
      }
    }
    if let length = self.shape.popLast(), let p = self.from.popLast(), let q = self.to.popLast() {
      (runLength, runFrom, runTo) = (length, p, q)
    }
  }

  /// Calls `body` with the element offsets on both sides at the start of every run.
  func forEachRun(_ body: (Int, Int) -> Void) {
    var position = Array(repeating: 0, count: shape.count)
    var i = 0
    var j = 0
    for _ in 0..<shape.elementCount {
      body(i, j)
      var axis = shape.count - 1
      while axis >= 0 {
        position[axis] += 1
        i += from[axis]
        j += to[axis]
        if position[axis] < shape[axis] { break }
        i -= from[axis] * shape[axis]
        j -= to[axis] * shape[axis]
        position[axis] = 0
        axis -= 1
      }
    }
  }

  func copyRun(
    _ source: UnsafeRawBufferPointer, _ i: Int, _ target: UnsafeMutableRawBufferPointer, _ j: Int,
    width: Int
  ) {
    guard let input = source.baseAddress, let output = target.baseAddress else { return }
    if runFrom == 1, runTo == 1 {
      (output + j * width).copyMemory(from: input + i * width, byteCount: runLength * width)
      return
    }
    switch width {
    case 1: copyElements(input, i, output, j, UInt8.self)
    case 2: copyElements(input, i, output, j, UInt16.self)
    case 4: copyElements(input, i, output, j, UInt32.self)
    case 8: copyElements(input, i, output, j, UInt64.self)
    default:
      for k in 0..<runLength {
        (output + (j + k * runTo) * width).copyMemory(
          from: input + (i + k * runFrom) * width, byteCount: width)
      }
    }
  }

  private func copyElements<T: BitwiseCopyable>(
    _ input: UnsafeRawPointer, _ i: Int, _ output: UnsafeMutableRawPointer, _ j: Int, _: T.Type
  ) {
    let width = MemoryLayout<T>.stride
    var from = input + i * width
    var to = output + j * width
    for k in 0..<runLength {
      to.storeBytes(of: from.loadUnaligned(as: T.self), as: T.self)
      if k + 1 < runLength {
        from += runFrom * width
        to += runTo * width
      }
    }
  }
}
