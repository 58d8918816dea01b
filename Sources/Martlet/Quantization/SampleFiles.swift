import Compression
public import Diagnostics
import Foundation
import IR
public import Tensors

/// Samples of a model's inputs in files: one `.npz` with an array per input, samples along the first axis, or a folder
/// of `.npz` files (an array per input) or `.npy` files (for the only input), one per sample.
public struct SampleFiles: Sendable {
  private enum Source: Sendable {
    case arrays([String: Tensor])
    case files([String])
  }

  private let source: Source
  private let signature: Signature
  public let count: Int

  /// Opens what is at a path.
  ///
  /// - Parameter limit: the most samples to take.
  /// - Throws: `samples.input-missing`, `samples.shape`, `samples.empty`, and whatever reading a file throws.
  public init(_ path: String, for signature: Signature, limit: Int = .max) throws(Diagnostic) {
    self.signature = signature
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    if exists, isFolder.boolValue {
      let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
      let files = names.filter { $0.hasSuffix(".npy") || $0.hasSuffix(".npz") }.map {
        path + "/" + $0
      }
      source = .files(files)
      count = min(files.count, limit)
    } else {
      let arrays = try NumpyArchive.read(path)
      var counts: [Int] = []
      for port in signature.inputs {
        let array = try Self.array(arrays, port, signature, path)
        guard let length = array.shape.first else {
          throw Diagnostic(
            "samples.shape", "array '\(port.name)' is a scalar, expected samples along an axis",
            at: .file(path))
        }
        counts.append(length / Self.batch(array, port))
      }
      source = .arrays(arrays)
      count = min(counts.min() ?? 0, limit)
    }
    guard count > 0 else { throw Diagnostic("samples.empty", "no samples", at: .file(path)) }
  }

  private static func array(
    _ arrays: [String: Tensor], _ port: Signature.Port, _ signature: Signature, _ path: String
  ) throws(Diagnostic) -> Tensor {
    if let found = arrays[port.name] { return found }
    let names = arrays.keys.filter { $0 != "labels" }.sorted()
    if signature.inputs.count == 1, names.count == 1, let only = arrays[names[0]] { return only }
    throw Diagnostic(
      "samples.input-missing",
      "no array '\(port.name)', found \(names.map { "'\($0)'" }.joined(separator: ", "))",
      at: .file(path))
  }

  /// How many places along the first axis of an array make one sample: the model's own batch size where that is a
  /// number, else 1; also 1 where the array has an axis more than the input.
  private static func batch(_ array: Tensor, _ port: Signature.Port) -> Int {
    guard let shape = port.type.tensor?.shape, array.rank == shape.count else { return 1 }
    return max(1, shape.first?.value ?? 1)
  }

  /// The inputs of one sample by name.
  ///
  /// - Throws: `samples.input-missing`, and whatever reading a file throws.
  public func inputs(_ index: Int) throws(Diagnostic) -> [String: Tensor] {
    var result: [String: Tensor] = [:]
    switch source {
    case .arrays(let arrays):
      for port in signature.inputs {
        let array = try Self.array(arrays, port, signature, "")
        result[port.name] = Self.part(array, port, index)
      }
    case .files(let files):
      let path = files[index]
      if path.hasSuffix(".npy"), signature.inputs.count == 1 {
        return [signature.inputs[0].name: try NumpyFile.read(path)]
      }
      let arrays = try NumpyArchive.read(path)
      for port in signature.inputs {
        result[port.name] = try Self.array(arrays, port, signature, path)
      }
    }
    return result
  }

  private static func part(_ array: Tensor, _ port: Signature.Port, _ index: Int) -> Tensor {
    let batch = batch(array, port)
    let isStacked = array.rank > (port.type.tensor?.shape?.count ?? array.rank)
    let shape = (isStacked ? [] : [batch]) + array.shape.dropFirst()
    let byteCount = array.type.byteCount(of: shape.elementCount)
    return Tensor(type: array.type, shape: shape) { target in
      array.withBytes { bytes in
        let start = index * byteCount
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start..<start + byteCount]))
      }
    }
  }
}

extension SampleFiles: Samples {}
