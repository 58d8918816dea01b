import CRuntime
import Foundation
import LLVMBackend
import Loops
import Tensors
import Testing

/// The store of compiled kernels: what it gives back, what it refuses, and what goes first.
@Suite("kernel cache") final class KernelCacheTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("martlet-cache-\(UUID().uuidString)")

  deinit { try? FileManager.default.removeItem(at: folder) }

  private func cache(limit: Int = KernelCache.usualLimit) -> KernelCache {
    KernelCache(directory: folder.path + "/deep/kernels", limit: limit)
  }

  private func key(_ number: Int) -> ContentHash { ContentHash([Array("key \(number)".utf8)]) }

  private func files(_ cache: KernelCache) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: cache.directory).sorted()
  }

  @Test("hashes are BLAKE3 and tell parts apart")
  func hashes() {
    // The length of the only part comes first: 8 zero bytes.
    let empty = ContentHash([[]])
    #expect(empty.bytes.count == 32)
    #expect(empty.text.count == 64)
    #expect(ContentHash([[1], [2]]) != ContentHash([[1, 2]]))
    #expect(ContentHash([[1, 2], []]) != ContentHash([[], [1, 2]]))
    #expect(ContentHash([[1, 2]]) == ContentHash([[1, 2]]))
  }

  @Test("gives back what was kept, under its own key")
  func keeps() {
    let cache = cache()
    #expect(cache.object(for: key(1)) == nil)
    #expect(cache.insert([1, 2, 3], for: key(1)))
    #expect(cache.insert([4], for: key(2)))
    #expect(cache.object(for: key(1)) == [1, 2, 3])
    #expect(cache.object(for: key(2)) == [4])
    #expect(cache.object(for: key(3)) == nil)
  }

  @Test(
    "a damaged entry counts as missing and goes",
    arguments: ["cut", "flipped", "longer", "empty", "exchanged"])
  func refusesDamage(_ damage: String) throws {
    let cache = cache()
    let object = (0..<200).map { UInt8($0) }
    #expect(cache.insert(object, for: key(1)))
    let name = try #require(try files(cache).first)
    let path = cache.directory + "/" + name
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    switch damage {
    case "cut": bytes.removeLast()
    case "flipped": bytes[bytes.count - 7] ^= 4
    case "longer": bytes.append(0)
    case "empty": bytes = Data(bytes.prefix(10))
    default:
      #expect(cache.insert([9], for: key(2)))
      let other = try #require(try files(cache).first { $0 != name })
      bytes = try Data(contentsOf: URL(fileURLWithPath: cache.directory + "/" + other))
    }
    try bytes.write(to: URL(fileURLWithPath: path))
    #expect(cache.object(for: key(1)) == nil)
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(cache.insert(object, for: key(1)))
    #expect(cache.object(for: key(1)) == object)
  }

  @Test("a folder that cannot be is no cache and no error")
  func missingFolder() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appendingPathComponent("file")
    try Data().write(to: file)
    let cache = KernelCache(directory: file.path + "/kernels")
    #expect(!cache.insert([1], for: key(1)))
    #expect(cache.object(for: key(1)) == nil)
    cache.trim()
    #expect(!KernelCache(directory: file.path).insert([1], for: key(1)))
  }

  @Test("many writers and readers of the same keys see whole entries")
  func concurrent() throws {
    let cache = cache()
    let object: [UInt8] = Array(repeating: 7, count: 50_000)
    let keys = (0..<4).map(key)
    let seen = concurrently(64) { number in
      if number % 2 == 0 { cache.insert(object, for: keys[number % 4]) }
      return cache.object(for: keys[number % 4]).map { $0 == object }
    }
    #expect(seen.allSatisfy { $0 != false })
    #expect(try files(cache).count == 2)
  }

  @Test("trimming removes what was not used for the longest time")
  func trims() throws {
    let cache = cache()
    for number in 0..<6 {
      #expect(cache.insert(Array(repeating: UInt8(number), count: 1000), for: key(number)))
    }
    let names = try files(cache)
    for (age, number) in [(50, 0), (40, 1), (30, 2), (20, 3), (10, 4), (5, 5)] {
      let name = try #require(names.first { $0.hasPrefix(key(number).text) })
      try setAge(cache.directory + "/" + name, minutes: age)
    }
    // A remainder of a compiler that stopped, and one of a compiler that works.
    for (name, age) in [("partial-old", 120), ("partial-new", 1)] {
      try Data(count: 10).write(to: URL(fileURLWithPath: cache.directory + "/" + name))
      try setAge(cache.directory + "/" + name, minutes: age)
    }
    // Used now, and so the last to go.
    #expect(cache.object(for: key(0)) != nil)
    KernelCache(directory: cache.directory, limit: 3500).trim()
    let left = (0..<6).filter { cache.object(for: key($0)) != nil }
    #expect(left == [0, 4, 5])
    #expect(try files(cache).filter { $0.hasPrefix("partial-") } == ["partial-new"])
    cache.trim()
    #expect(try files(cache).count == 4)
  }

  private func setAge(_ path: String, minutes: Int) throws {
    let date = Date(timeIntervalSinceNow: -60 * Double(minutes))
    try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
  }

  @Test("code does not depend on what the cache held", arguments: Loops.Target.named)
  func sameCode(target: Loops.Target) throws {
    let cache = cache()
    let program = JITModelTests.program()
    let alone = try CodeGenerator(target).code(for: program)
    let cold = try CodeGenerator(target, cache: cache).code(for: program)
    let warm = try CodeGenerator(target, cache: cache).code(for: program)
    #expect(alone.objects == cold.objects && cold.objects == warm.objects)
    #expect([alone, cold, warm].map(\.cachedKernelCount) == [0, 0, 1])
    let name = try #require(try files(cache).first)
    try Data([1]).write(to: URL(fileURLWithPath: cache.directory + "/" + name))
    let repaired = try CodeGenerator(target, cache: cache).code(for: program)
    #expect(repaired.objects == alone.objects && repaired.cachedKernelCount == 0)
  }

  @Test("kernels of other targets are other entries")
  func otherTargets() throws {
    let cache = cache()
    for target in [Loops.Target.x86v2, .x86v3, .x86v4, .aarch64] {
      let code = try CodeGenerator(target, cache: cache).code(for: JITModelTests.program())
      #expect(code.cachedKernelCount == 0)
    }
    #expect(try files(cache).count == 4)
  }

  @Test("kernels that differ only in their number have one object, of another family another")
  func sharesObjects() throws {
    var program = JITModelTests.program()
    let kernel = program.kernels[0]
    program.kernels = ["add_0", "add_1", "other_0"].map { name in
      Kernel(
        name: name, parameters: kernel.parameters, values: kernel.values,
        scratchByteCount: kernel.scratchByteCount, body: kernel.body)
    }
    #expect(try CodeGenerator(.x86v3).code(for: program).kernels.count == 2)
    let model = try JITModel(program, for: .native())
    #expect(model.descriptor.assumingMemoryBound(to: martlet_model.self).pointee.step_count == 1)
  }
}
