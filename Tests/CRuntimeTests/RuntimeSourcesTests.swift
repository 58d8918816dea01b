import Foundation
import RuntimeSources
import Testing

@Suite("the embedded sources")
struct RuntimeSourcesTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Sources/CRuntime").standardized

  /// The run-time's own files, without those that only serve the Swift package.
  static func filesOnDisk() throws -> [String: URL] {
    var found: [String: URL] = [:]
    for part in ["", "include", "artefact"] {
      let names = try FileManager.default.contentsOfDirectory(
        atPath: folder.appending(path: part).path)
      for name in names where name.hasSuffix(".c") || name.hasSuffix(".h") {
        found[name] = folder.appending(path: part).appending(path: name)
      }
    }
    for name in ["embedded.c", "martlet_sources.h"] { found[name] = nil }
    return found
  }

  @Test func areTheFilesOfThePackage() throws {
    let onDisk = try Self.filesOnDisk()
    #expect(RuntimeSources.files.map(\.name) == onDisk.keys.sorted())
    for file in RuntimeSources.files {
      let url = try #require(onDisk[file.name])
      #expect(try Data(contentsOf: url) == Data(file.contents), "\(file.name)")
    }
  }

  @Test func headerIsNamedAfterTheModel() {
    let header = RuntimeSources.header(prefix: "resnet50", description: "/* inputs: image */")
    #expect(header.contains("int32_t resnet50_create(const martlet_options *options"))
    #expect(header.contains("#ifndef RESNET50_FUNCTIONS_H"))
    #expect(header.contains("/* inputs: image */"))
    #expect(!header.contains("MARTLET_NAME("))
    #expect(!header.contains("MARTLET_PREFIX"))
  }
}
