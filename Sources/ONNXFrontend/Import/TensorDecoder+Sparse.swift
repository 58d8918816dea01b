import Diagnostics
import Tensors

extension TensorDecoder {
  /// The largest dense form that a sparse tensor is expanded to.
  private static let largestDenseByteCount = 1 << 30

  /// A dense tensor with the values of a sparse one, zero elsewhere.
  ///
  /// Indices are linear (`[count]`) or one row of coordinates per value (`[count, rank]`).
  func decode(_ source: SparseTensorMessage, name: String) throws(Diagnostic) -> Tensor {
    guard let valuesMessage = source.values, let indicesMessage = source.indices else {
      throw Diagnostic("tensor.sparse", "sparse tensor '\(name)' lacks values or indices")
    }
    let values = try decode(valuesMessage, name: name)
    let indices = try decode(indicesMessage, name: "\(name).indices")
    let shape = source.dimensions
    let byteCount = try ShapeLimits.byteCount(values.type, shape, "sparse tensor '\(name)'")
    let width = values.type.bitWidth / 8
    guard byteCount <= Self.largestDenseByteCount, width > 0 else {
      throw .unsupported(
        "tensor.sparse", "sparse tensor '\(name)' of \(values.type)\(shape) is not supported")
    }
    let positions = try linear(indices, shape, values.elementCount, name)
    return Tensor(type: values.type, shape: shape) { memory in
      values.withBytes { bytes in
        for (index, position) in positions.enumerated() {
          let element = UnsafeRawBufferPointer(
            rebasing: bytes[index * width..<(index + 1) * width])
          UnsafeMutableRawBufferPointer(rebasing: memory[(position * width)...])
            .copyMemory(from: element)
        }
      }
    }
  }

  private func linear(_ indices: Tensor, _ shape: [Int], _ count: Int, _ name: String)
    throws(Diagnostic) -> [Int]
  {
    let numbers = indices.type == .i64 ? indices.integers ?? [] : []
    var positions: [Int]
    if indices.shape == [count], indices.type == .i64 {
      positions = numbers
    } else if indices.shape == [count, shape.count], indices.type == .i64 {
      let strides = shape.rowMajorStrides
      positions = []
      for row in 0..<count {
        var position = 0
        for axis in shape.indices {
          let coordinate = numbers[row * shape.count + axis]
          guard coordinate >= 0, coordinate < shape[axis] else {
            throw outside(coordinate, shape, name)
          }
          position += coordinate * strides[axis]
        }
        positions.append(position)
      }
    } else {
      throw Diagnostic(
        "tensor.sparse",
        "sparse tensor '\(name)' has indices \(indices.type)\(indices.shape) for \(count) values")
    }
    let elementCount = shape.elementCount
    for position in positions where position < 0 || position >= elementCount {
      throw outside(position, shape, name)
    }
    return positions
  }

  private func outside(_ index: Int, _ shape: [Int], _ name: String) -> Diagnostic {
    Diagnostic("tensor.sparse", "sparse tensor '\(name)' has index \(index) outside shape \(shape)")
  }
}
