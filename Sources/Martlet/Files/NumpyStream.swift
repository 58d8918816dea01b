import CZip
import Diagnostics
import Foundation
import Tensors

/// An array of a `.npz` archive that is read from its beginning, some of its first axis at a time.
final class NumpyStream {
  private let archive: OpaquePointer
  private let file: OpaquePointer
  private let name: String
  let preamble: NumpyPreamble

  /// Opens an entry; the archive is closed with it.
  ///
  /// - Throws: `numpy.archive`, `numpy.format`, `numpy.type`.
  init(archive: OpaquePointer, entry: UInt64, name: String) throws(Diagnostic) {
    guard let file = zip_fopen_index(archive, entry, 0) else {
      zip_discard(archive)
      throw Diagnostic("numpy.archive", "the entry cannot be opened", at: .file(name))
    }
    do throws(Diagnostic) {
      var start = try Self.read(NumpyPreamble.lengthByteCount, from: file, name)
      guard let byteCount = NumpyPreamble.byteCount(start) else {
        throw NumpyPreamble.malformed("it does not start with the magic bytes", name)
      }
      start += try Self.read(max(0, byteCount - start.count), from: file, name)
      preamble = try NumpyPreamble(start, name: name)
    } catch {
      zip_fclose(file)
      zip_discard(archive)
      throw error
    }
    self.archive = archive
    self.file = file
    self.name = name
  }

  deinit {
    zip_fclose(file)
    zip_discard(archive)
  }

  /// The extent of the first axis; nil for a scalar.
  var sliceCount: Int? { preamble.shape.first }

  /// The next index of the first axis, as a tensor without it.
  ///
  /// - Throws: `numpy.archive` when the entry is damaged or ends; `numpy.column-major` for an array whose elements are
  ///   not stored one slice after the other.
  func nextSlice() throws(Diagnostic) -> Tensor {
    let shape = Array(preamble.shape.dropFirst())
    guard !preamble.isColumnMajor || shape.allSatisfy({ $0 == 1 }) else {
      throw .unsupported(
        "numpy.column-major",
        "the array is stored in Fortran order, expected C order to read it one sample at a time",
        at: .file(name))
    }
    guard let byteCount = (shape + [preamble.type.byteCount]).checkedElementCount else {
      throw NumpyPreamble.malformed("its shape \(preamble.shape) is too large", name)
    }
    let bytes = try Self.read(byteCount, from: file, name)
    return NumpyFile.tensor(bytes, preamble.type, shape: shape)
  }

  /// The next bytes; what a header claims is not trusted with an allocation, so they are read piece by piece.
  private static func read(
    _ byteCount: Int, from file: OpaquePointer, _ name: String
  ) throws(Diagnostic) -> Data {
    var content = Data()
    var piece = [UInt8](repeating: 0, count: min(byteCount, 1 << 20))
    while content.count < byteCount {
      let wanted = min(piece.count, byteCount - content.count)
      let count = zip_fread(file, &piece, UInt64(wanted))
      guard count > 0 else {
        let reason = count < 0 ? "is damaged" : "ends too early"
        throw Diagnostic("numpy.archive", "the entry \(reason)", at: .file(name))
      }
      content.append(contentsOf: piece[0..<Int(count)])
    }
    return content
  }
}
