import CZip
import Diagnostics
import Foundation
import IR
import Martlet
import Tensors
import Testing

/// A folder for a dataset, removed when the test is over.
final class TestDataset {
  let path = FileManager.default.temporaryDirectory.path + "/martlet-dataset-\(UUID().uuidString)"

  init() throws {
    for part in ["images", "samples"] {
      try FileManager.default.createDirectory(
        atPath: "\(path)/\(part)", withIntermediateDirectories: true)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ content: Data) throws {
    try content.write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  func write(_ name: String, _ text: String) throws { try write(name, Data(text.utf8)) }

  func write(_ name: String, _ tensor: Tensor) throws {
    try NumpyFile.write(tensor, to: "\(path)/\(name)")
  }

  /// Writes an archive of some arrays.
  func write(_ name: String, _ arrays: [String: Tensor], isCompressed: Bool = false) throws {
    var entries: [String: Data] = [:]
    for (name, tensor) in arrays {
      try write("array.npy", tensor)
      entries[name + ".npy"] = try Data(contentsOf: URL(fileURLWithPath: "\(path)/array.npy"))
    }
    try FileManager.default.removeItem(atPath: "\(path)/array.npy")
    try write(name, entries: entries, isCompressed: isCompressed)
  }

  /// Writes an archive of some files.
  func write(_ name: String, entries: [String: Data], isCompressed: Bool = false) throws {
    let archive = try #require(zip_open("\(path)/\(name)", ZIP_CREATE, nil))
    var buffers: [UnsafeMutableRawBufferPointer] = []
    defer { for buffer in buffers { buffer.deallocate() } }
    for (name, content) in entries.sorted(by: { $0.key < $1.key }) {
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: content.count, alignment: 1)
      content.copyBytes(to: buffer)
      buffers.append(buffer)
      let source = zip_source_buffer(archive, buffer.baseAddress, UInt64(content.count), 0)
      let index = UInt64(zip_file_add(archive, name, source, 0))
      zip_set_file_compression(
        archive, index, Int32(isCompressed ? ZIP_CM_DEFLATE : ZIP_CM_STORE), 0)
    }
    #expect(zip_close(archive) == 0)
  }

  /// All samples for a model.
  func samples(_ signature: Signature, file: String = "") throws -> [Sample] {
    var result: [Sample] = []
    try Dataset(path + file).forEachSample(of: signature) { result.append($0) }
    return result
  }

  /// The identifier of the error that reading all samples throws.
  func error(_ signature: Signature, file: String = "") throws -> Diagnostic {
    try #require(throws: Diagnostic.self) { try samples(signature, file: file) }
  }
}

extension Signature {
  /// A model with some inputs.
  static func taking(_ inputs: (String, ElementType, [IndexExpr])...) -> Signature {
    Signature(
      source: "model.onnx",
      inputs: inputs.map { Port(name: $0.0, type: .tensor($0.1, $0.2)) }, outputs: [])
  }
}
