import Foundation
import Martlet
import Testing

struct ELFTests {
  @Test(
    "a placeholder is an object that a linker takes, with a hole for its section",
    arguments: [4096, 2 << 20])
  func links(alignment: Int) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("martlet-elf-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let placeholder = ELFPlaceholder(
      section: ".test.weights", symbol: "weights", byteCount: 30_000_001, alignment: alignment,
      architecture: Self.architecture)
    let object = folder.path + "/weights.o"
    try placeholder.write(to: object)
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: object))
    let section = try #require(try ELFFile(file).range(ofSection: ".test.weights"))
    #expect(section.count == 30_000_001 && section.lowerBound % alignment == 0)
    #expect(try ELFFile(file).range(ofSection: ".test") == nil)
    #expect(try ELFFile(file).range(ofSection: ".absent") == nil)
    var information = stat()
    #expect(stat(object, &information) == 0)
    #expect(information.st_size == section.upperBound)
    #expect(information.st_blocks * 512 < 100_000)

    let source = """
      extern const unsigned char weights[];
      const unsigned char *where(void) { return weights; }
      int main(void) { return (unsigned long)weights % \(alignment) != 0 || weights[30000000] != 7; }

      """
    try Data(source.utf8).write(to: folder.appendingPathComponent("main.c"))
    #expect(try run("cc", ["-fPIC", "main.c", "weights.o", "-o", "main"], in: folder) == 0)
    #expect(try run("./main", [], in: folder) == 1)
    let linked = try FileHandle(forUpdating: folder.appendingPathComponent("main"))
    let place = try #require(try ELFFile(linked).range(ofSection: ".test.weights"))
    #expect(place.count == 30_000_001)
    try linked.seek(toOffset: UInt64(place.upperBound - 1))
    try linked.write(contentsOf: Data([7]))
    try linked.close()
    #expect(try run("./main", [], in: folder) == 0)
  }

  @Test(
    "what is no object file has no sections",
    arguments: ["", "text", String(repeating: "x", count: 200)])
  func refuses(_ text: String) throws {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("martlet-elf-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: path) }
    try Data(text.utf8).write(to: path)
    let file = try FileHandle(forReadingFrom: path)
    #expect(try ELFFile(file).range(ofSection: ".text") == nil)
  }

  private static var architecture: String {
    #if arch(arm64)
      "aarch64"
    #else
      "x86_64"
    #endif
  }

  private func run(_ program: String, _ arguments: [String], in folder: URL) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.currentDirectoryURL = folder
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
