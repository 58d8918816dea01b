import Foundation
import IR
import Tensors
import TestSupport

/// A trained model of the folder of large test data that may lie beside the package.
struct SharedModel: Sendable, Decodable, CustomStringConvertible {
  let name: String
  let file: String
  /// Millions of multiply-accumulates of one run; nil where shapes or control flow hide part.
  let macs: Double?
  /// The shape to run each input at.
  let shapes: [String: [Int]]?

  enum CodingKeys: String, CodingKey {
    case name
    case file
    case macs = "macs_M"
    case shapes = "run_shapes"
  }

  var description: String { name }
  var path: String? { RepositoryFolder.shared("models/\(file)") }

  /// Models so small that the interpreter runs them in about a second, also when it is not optimized.
  var isSmall: Bool { (macs ?? .infinity) < 15 }

  private struct Manifest: Decodable {
    let models: [SharedModel]
  }

  /// All models; empty where the folder is absent.
  static let all: [SharedModel] = {
    guard let path = RepositoryFolder.shared("models/manifest.json"),
      let data = FileManager.default.contents(atPath: path),
      let manifest = try? JSONDecoder().decode(Manifest.self, from: data)
    else { return [] }
    return manifest.models.filter { $0.path != nil }
  }()

  /// What a run is given unless `MARTLET_ZOO` is `all`.
  static let chosen: [SharedModel] = isEverythingWanted ? all : all.filter(\.isSmall)

  static let isEverythingWanted = ProcessInfo.processInfo.environment["MARTLET_ZOO"] == "all"

  /// Every `.onnx` file of the folder that `MARTLET_ZOO_MODELS` names, weights filled in.
  static let filled: [SharedModel] = {
    guard let folder = ProcessInfo.processInfo.environment["MARTLET_ZOO_MODELS"],
      let files = try? FileManager.default.contentsOfDirectory(atPath: folder)
    else { return [] }
    return files.filter { $0.hasSuffix(".onnx") }.sorted().map {
      SharedModel(name: "\(folder)/\($0)", file: $0, macs: nil, shapes: nil)
    }
  }()
}
