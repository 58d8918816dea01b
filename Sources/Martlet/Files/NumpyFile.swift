public import Diagnostics
import Foundation
public import Tensors

/// Reads and writes `.npy` files, one array each.
///
/// Source: numpy's documentation of the format, `numpy.lib.format`, versions 1.0 to 3.0.
public enum NumpyFile {
  /// Reads the array of a file.
  ///
  /// - Throws: `file.read`, `numpy.format`, `numpy.type`.
  public static func read(_ path: String) throws(Diagnostic) -> Tensor {
    try decode(readFile(path), name: path)
  }

  /// Writes a tensor; element types that numpy lacks are widened to the next one it has.
  ///
  /// - Throws: `file.write`.
  public static func write(_ tensor: Tensor, to path: String) throws(Diagnostic) {
    try writeFile(encode(tensor), to: path)
  }

  /// Decodes the content of a file; `name` is for messages.
  static func decode(_ bytes: Data, name: String) throws(Diagnostic) -> Tensor {
    let preamble = try NumpyPreamble(bytes, name: name)
    let payload = bytes.dropFirst(preamble.byteCount)
    let (shape, width) = (preamble.shape, preamble.type.byteCount)
    guard let count = shape.checkedElementCount, count <= payload.count,
      count * width == payload.count
    else {
      throw NumpyPreamble.malformed(
        "found \(payload.count) bytes of data, expected \(shape) elements of \(width) bytes", name)
    }
    return tensor(payload, preamble.type, shape: shape, isColumnMajor: preamble.isColumnMajor)
  }

  /// The tensor whose elements a file has in some bytes.
  ///
  /// - Precondition: there are as many bytes as the elements take.
  static func tensor(
    _ bytes: Data, _ type: NumpyType, shape: [Int], isColumnMajor: Bool = false
  ) -> Tensor {
    var data = Data(bytes)
    if type.isBigEndian { swapBytes(&data, word: type.wordByteCount) }
    if isColumnMajor { data = rowMajor(data, shape: shape, elementByteCount: type.byteCount) }
    return tensor(data, type.element, shape: shape)
  }

  private static func tensor(_ data: Data, _ element: NumpyType.Element, shape: [Int]) -> Tensor {
    switch element {
    case .number(let type):
      Tensor(type: type, shape: shape) { data.copyBytes(to: $0) }
    case .raw16:
      Tensor(type: .bf16, shape: shape) { data.copyBytes(to: $0) }
    case .text(let characters):
      Tensor(strings: strings(data, characters, count: shape.elementCount), shape: shape)
    }
  }

  private static func strings(_ data: Data, _ characters: Int, count: Int) -> [String] {
    let scalars: [UInt32] = data.withUnsafeBytes { bytes in
      (0..<(count * characters)).map {
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self))
      }
    }
    return (0..<count).map { index in
      let cell = scalars[(index * characters)..<((index + 1) * characters)]
      var text = String.UnicodeScalarView()
      for scalar in cell[..<((cell.lastIndex { $0 != 0 } ?? cell.startIndex - 1) + 1)] {
        text.append(Unicode.Scalar(scalar) ?? "\u{FFFD}")
      }
      return String(text)
    }
  }

  private static func swapBytes(_ data: inout Data, word: Int) {
    guard word > 1 else { return }
    for start in stride(from: 0, to: data.count, by: word) {
      data[start..<(start + word)].reverse()
    }
  }

  /// Rearranges elements stored with the first index running fastest.
  private static func rowMajor(_ data: Data, shape: [Int], elementByteCount: Int) -> Data {
    var result = Data(count: data.count)
    let strides = shape.rowMajorStrides
    for source in 0..<shape.elementCount {
      var rest = source
      var target = 0
      for (dimension, stride) in zip(shape, strides) {
        target += rest % dimension * stride
        rest /= dimension
      }
      let from = source * elementByteCount
      let to = target * elementByteCount
      result.replaceSubrange(
        to..<(to + elementByteCount), with: data[from..<(from + elementByteCount)])
    }
    return result
  }

  /// The content of a file in version 1.0, its data aligned to 64 bytes.
  static func encode(_ tensor: Tensor) -> Data {
    let (descriptor, payload) = storable(tensor)
    // As Python writes a tuple, and with it numpy.
    let dimensions =
      tensor.shape.map(String.init).joined(separator: ", ") + (tensor.shape.count == 1 ? "," : "")
    var header =
      "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (\(dimensions)), }"
    let unpadded = NumpyPreamble.magic.count + 4 + header.utf8.count + 1
    header += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
    let length = header.utf8.count
    return Data(NumpyPreamble.magic + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)])
      + Data(header.utf8)
      + payload
  }

  private static func storable(_ tensor: Tensor) -> (descriptor: String, payload: Data) {
    if tensor.type == .string {
      let rows = tensor.strings.map { Array($0.unicodeScalars) }
      let width = max(1, rows.map(\.count).max() ?? 1)
      let scalars = rows.flatMap { row in
        (0..<width).map { $0 < row.count ? row[$0].value.littleEndian : 0 }
      }
      return ("<U\(width)", scalars.withUnsafeBytes { Data($0) })
    }
    if let descriptor = NumpyType.descriptor(of: tensor.type) {
      return (descriptor, tensor.withBytes { Data($0) })
    }
    let wide: ElementType =
      switch tensor.type {
      case .i4, .i2: .i8
      case .u4, .u2: .u8
      default: .f32
      }
    return storable(Tensor(doubles: tensor.doubles, shape: tensor.shape, type: wide))
  }
}
