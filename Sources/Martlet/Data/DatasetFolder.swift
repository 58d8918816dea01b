import Diagnostics
import Foundation
import IR
import Images
import ONNXFrontend
import Tensors

/// A dataset as a folder with one file for each sample, in `images` or in `samples`.
struct DatasetFolder: Sendable {
  private static let tensorKinds = ["npy", "npz", "pb"]

  let path: String
  let description: DatasetDescription
  /// From the folder on, in the order of their names.
  let files: [String]
  private let labels: LabelFile?

  /// - Throws: `dataset.empty` without samples, `dataset.file` for a file of an unknown kind and where there are both
  ///   `images` and `samples`, and what reading `dataset.yaml` and `labels.csv` throws.
  init(_ path: String) throws(Diagnostic) {
    self.path = path
    let manager = FileManager.default
    let yaml = "\(path)/dataset.yaml"
    description =
      manager.fileExists(atPath: yaml)
      ? try DatasetDescription(contentsOf: yaml) : DatasetDescription()
    let images = try Self.list("images", of: path, kinds: ImageFile.kinds)
    let samples = try Self.list("samples", of: path, kinds: Self.tensorKinds)
    guard images.isEmpty || samples.isEmpty else {
      throw Diagnostic(
        "dataset.file",
        "found \(images.count) images and \(samples.count) files in samples, expected one of the two",
        at: .file(path))
    }
    files = images + samples
    guard !files.isEmpty else {
      throw Diagnostic(
        "dataset.empty",
        "found no samples, expected images in images, or samples/*.npy, *.npz or *.pb",
        at: .file(path))
    }
    labels =
      manager.fileExists(atPath: "\(path)/labels.csv")
      ? try LabelFile(folder: path, files: files) : nil
  }

  private static func list(
    _ part: String, of folder: String, kinds: [String]
  ) throws(Diagnostic) -> [String] {
    let names = try namesInFolder("\(folder)/\(part)")
    let shown = names.filter { !$0.hasPrefix(".") }.sorted()
    if let other = shown.first(where: { !kinds.contains(kind(of: $0)) }) {
      throw Diagnostic(
        "dataset.file",
        "unknown kind of file, expected \(kinds.map { "." + $0 }.joined(separator: ", "))",
        at: .file("\(folder)/\(part)/\(other)"))
    }
    return shown.map { "\(part)/\($0)" }
  }

  private static func kind(of file: String) -> String {
    file.contains(".") ? file.split(separator: ".").last?.lowercased() ?? "" : ""
  }

  /// Reads one sample.
  ///
  /// - Throws: what decoding the file throws, with its name; what `SampleFit.sample` throws.
  func sample(_ file: String, for fit: SampleFit) throws(Diagnostic) -> Sample {
    let place = "\(path)/\(file)"
    let given: [String: Tensor]
    switch Self.kind(of: file) {
    case "npz": given = try NumpyArchive.read(place)
    case "npy": given = single(try NumpyFile.read(place), fit.signature)
    case "pb":
      guard let tensor = try ValueFile.read(at: place).tensor else {
        throw Diagnostic("dataset.type", "found no tensor", at: .file(place))
      }
      given = single(tensor, fit.signature)
    default: given = try images(place, fit.imagePorts)
    }
    return try fit.sample(file, given, labels: labels?.tensor(for: file), at: place)
  }

  /// A tensor without a name serves a model of one input.
  private func single(_ tensor: Tensor, _ signature: Signature) -> [String: Tensor] {
    signature.inputs.count == 1 ? [signature.inputs[0].name: tensor] : [:]
  }

  /// The image for every input that `dataset.yaml` names, or for the only one.
  private func images(_ place: String, _ ports: [Signature.Port]) throws(Diagnostic) -> [String:
    Tensor]
  {
    let image = try ImageFile.read(place)
    var settings = description.inputs
    if settings.isEmpty, ports.count == 1 {
      settings[ports[0].name] = ImagePreprocessing()
    }
    var result: [String: Tensor] = [:]
    for port in ports {
      guard let preprocessing = settings[port.name] else { continue }
      do throws(Diagnostic) {
        result[port.name] = try preprocessing.tensor(image, for: port)
      } catch {
        throw error.located(at: .file(place))
      }
    }
    return result
  }
}

extension DatasetFolder {
  /// Reads file after file.
  struct Reader: SampleReader {
    let folder: DatasetFolder
    let fit: SampleFit
    private var position = 0

    init(_ folder: DatasetFolder, _ signature: Signature) {
      self.folder = folder
      fit = SampleFit(signature)
    }

    mutating func next() throws(Diagnostic) -> Sample? {
      guard position < folder.files.count else { return nil }
      defer { position += 1 }
      return try folder.sample(folder.files[position], for: fit)
    }
  }
}
