import Foundation
import Testing

@Suite("martlet compile --kernel-cache") struct KernelCacheTests {
  private struct Compiled {
    let bytes: Data
    let kernelCount: Int
    let cachedKernelCount: Int
  }

  /// Compiles a model of the repository to `folder/model.so`.
  private func compile(_ model: String, _ cache: String, _ folder: URL) throws -> Compiled {
    let library = folder.path + "/model.so"
    let finished = try Command.run(
      "compile", "--json", "--no-selftest", "--shape", "N=1", "--kernel-cache", cache,
      Command.model(model), "-o", library)
    #expect(finished.status == 0, "\(finished.error)")
    let report = try #require(try finished.json([String: Any].self))
    return Compiled(
      bytes: try Data(contentsOf: URL(fileURLWithPath: library)),
      kernelCount: try #require(report["kernelCount"] as? Int),
      cachedKernelCount: try #require(report["cachedKernelCount"] as? Int))
  }

  @Test("cold, warm and damaged caches give the same bytes as none")
  func sameBytes() throws {
    try Command.temporaryFolder { folder in
      let cache = folder.appendingPathComponent("cache").path
      let without = try compile("digits_cnn", "off", folder)
      #expect(without.cachedKernelCount == 0)
      #expect(!FileManager.default.fileExists(atPath: cache))
      let cold = try compile("digits_cnn", cache, folder)
      #expect(cold.cachedKernelCount == 0)
      let warm = try compile("digits_cnn", cache, folder)
      #expect(warm.cachedKernelCount == warm.kernelCount && warm.kernelCount > 0)
      let entries = try FileManager.default.contentsOfDirectory(atPath: cache)
      #expect(entries.count == warm.kernelCount)
      for entry in entries {
        try Data("damage".utf8).write(to: URL(fileURLWithPath: cache + "/" + entry))
      }
      let repaired = try compile("digits_cnn", cache, folder)
      #expect(repaired.cachedKernelCount == 0)
      for other in [cold, warm, repaired] { #expect(other.bytes == without.bytes) }
      #expect(try compile("digits_cnn", cache, folder).cachedKernelCount == warm.kernelCount)
    }
  }

  @Test("compilers that run at once share a cache")
  func concurrent() throws {
    try Command.temporaryFolder { folder in
      let cache = folder.path + "/cache"
      let processes = try (0..<3).map { number in
        let process = Process()
        process.executableURL = Command.path
        process.arguments = [
          "compile", "--no-selftest", "--shape", "N=1", "--kernel-cache", cache,
          Command.model("digits_cnn"), "-o", "\(folder.path)/\(number)/model.so",
        ]
        try FileManager.default.createDirectory(
          atPath: "\(folder.path)/\(number)", withIntermediateDirectories: true)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
      }
      for process in processes { process.waitUntilExit() }
      #expect(processes.map(\.terminationStatus) == [0, 0, 0])
      let libraries = try (0..<3).map {
        try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\($0)/model.so"))
      }
      #expect(Set(libraries).count == 1)
      let left = try FileManager.default.contentsOfDirectory(atPath: cache)
      #expect(left.allSatisfy { $0.hasSuffix(".kernel") })
    }
  }

  @Test("runs and benchmarks use it as well")
  func runs() throws {
    try Command.temporaryFolder { folder in
      let cache = folder.path + "/cache"
      let finished = try Command.run(
        "run", Command.model("digits_mlp"), "--random-seed", "1", "--kernel-cache", cache)
      #expect(finished.status == 0, "\(finished.error)")
      #expect(try !FileManager.default.contentsOfDirectory(atPath: cache).isEmpty)
    }
  }
}
