import Tensors

/// Walks operands that are broadcast to one shape, one contiguous row of the result at a time.
///
/// Axes along which every operand advances evenly are merged, so that rows are as long as they can be; within a row
/// each operand either advances by one element or stays where it is.
struct BroadcastCursor {
  /// Elements of the result per row.
  let rowLength: Int
  /// For each operand 1 where it advances within a row, 0 where one element is repeated.
  let steps: [Int]
  /// The first element of the current row in the result.
  private(set) var start: Int
  /// The element of each operand that the current row begins with.
  private(set) var offsets: [Int]

  /// Dimensions outside the rows, outermost first, and each operand's strides along them.
  private let extents: [Int]
  private let strides: [[Int]]
  private var position: [Int]
  private var rowsLeft: Int

  /// - Precondition: every shape broadcasts to `target`.
  init(_ shapes: [[Int]], target: [Int]) {
    let perOperand = shapes.map { Broadcasting.strides($0, along: target) }
    var extents: [Int] = []
    var strides: [[Int]] = []
    for axis in target.indices where target[axis] != 1 {
      let along = perOperand.map { $0[axis] }
      if let last = strides.last, zip(last, along).allSatisfy({ $0 == $1 * target[axis] }) {
        extents[extents.count - 1] *= target[axis]
        strides[strides.count - 1] = along
      } else {
        extents.append(target[axis])
        strides.append(along)
      }
    }
    // The innermost axis is the row, unless an operand's layout makes it advance by more than one.
    if let inner = strides.last, inner.allSatisfy({ $0 <= 1 }) {
      rowLength = extents.removeLast()
      steps = strides.removeLast()
    } else {
      rowLength = 1
      steps = Array(repeating: 0, count: shapes.count)
    }
    self.extents = extents
    self.strides = strides
    position = Array(repeating: 0, count: extents.count)
    offsets = Array(repeating: 0, count: shapes.count)
    start = -rowLength
    rowsLeft = target.contains(0) ? 0 : extents.elementCount
  }

  /// Moves to the next row, at first to the first one; false when there is none.
  mutating func next() -> Bool {
    guard rowsLeft > 0 else { return false }
    rowsLeft -= 1
    let isFirst = start < 0
    start += rowLength
    if isFirst { return true }
    var axis = extents.count - 1
    while axis >= 0 {
      position[axis] += 1
      let wraps = position[axis] == extents[axis]
      for operand in offsets.indices {
        offsets[operand] += strides[axis][operand] * (wraps ? 1 - extents[axis] : 1)
      }
      if !wraps { break }
      position[axis] = 0
      axis -= 1
    }
    return true
  }
}
