import Diagnostics
import Tensors

/// Positions of elements, as lists that an `ElementMover` walks.
enum Offsets {
  /// The offset of every element of `shape` under `strides`, in row-major order.
  static func all(_ shape: [Int], strides: [Int]) -> [Int] {
    var result = [0]
    for (extent, stride) in zip(shape, strides) {
      var next: [Int] = []
      next.reserveCapacity(result.count * extent)
      for base in result {
        for index in 0..<extent { next.append(base + index * stride) }
      }
      result = next
    }
    return result
  }

  /// The offsets where output index `i` of axis `a` reads input index `maps[a][i]`; -1 where any map has -1.
  static func mapped(_ maps: [[Int]], strides: [Int]) -> [Int] {
    var result = [0]
    for (map, stride) in zip(maps, strides) {
      var next: [Int] = []
      next.reserveCapacity(result.count * map.count)
      for base in result {
        for index in map { next.append(base < 0 || index < 0 ? -1 : base + index * stride) }
      }
      result = next
    }
    return result
  }

  /// For `indices` along `axis` of `data`: the offset into `data` that each of them names.
  ///
  /// - Parameter shape: the shape of `indices`, nowhere larger than `data` but along the axis.
  static func along(
    _ axis: Int, of data: [Int], indices: [Int], shape: [Int]
  ) throws(Diagnostic) -> [Int] {
    guard shape.count == data.count,
      shape.indices.allSatisfy({ $0 == axis || shape[$0] <= data[$0] })
    else {
      throw Diagnostic(
        "shape.mismatch", "indices of shape \(shape) do not fit data of shape \(data)")
    }
    var strides = data.rowMajorStrides
    let stride = strides[axis]
    strides[axis] = 0
    var offsets = all(shape, strides: strides)
    for (place, index) in indices.enumerated() {
      offsets[place] += try Indices.normalized(index, count: data[axis]) * stride
    }
    return offsets
  }

  /// For tuples of indices into the leading dimensions of `data` after `batchRank` shared ones: which run of the
  /// trailing dimensions each of them names.
  ///
  /// - Parameter shape: the shape of `indices`; its last dimension is the length of a tuple.
  static func tuples(
    of data: [Int], batchRank: Int, indices: [Int], shape: [Int]
  ) throws(Diagnostic) -> (runs: [Int], run: Int) {
    guard let length = shape.last, length >= 0, batchRank >= 0, batchRank < shape.count,
      batchRank + length <= data.count,
      Array(shape.prefix(batchRank)) == Array(data.prefix(batchRank))
    else {
      throw Diagnostic(
        "shape.mismatch",
        "indices of shape \(shape) with \(batchRank) batch dimensions do not fit data of shape \(data)"
      )
    }
    let batches = shape.prefix(batchRank).reduce(1, *)
    let perBatch = shape.dropFirst(batchRank).dropLast().reduce(1, *)
    let indexed = Array(data[batchRank..<batchRank + length])
    let strides = indexed.rowMajorStrides
    var runs: [Int] = []
    runs.reserveCapacity(batches * perBatch)
    for tuple in 0..<batches * perBatch {
      var place = perBatch == 0 ? 0 : tuple / perBatch * indexed.elementCount
      for axis in 0..<length {
        let index = indices[tuple * length + axis]
        place += try Indices.normalized(index, count: indexed[axis]) * strides[axis]
      }
      runs.append(place)
    }
    return (runs, data.dropFirst(batchRank + length).reduce(1, *))
  }
}
