import Foundation
import LLVMBackend
import Loops
import Tensors
import Testing

struct ConstantsTests {
  @Test("constants go from tensors to memory and into a file")
  func constantsReachTheFile() throws {
    var constants = Program.Constants()
    let first = constants.append(Tensor((0..<100).map { UInt8($0) }, shape: [100]))
    let second = constants.append(Tensor([1.5, -2.5] as [Float], shape: [2]))
    #expect(first == 0)
    #expect(second == 128)
    var copied = [UInt8](repeating: 0, count: constants.byteCount)
    copied.withUnsafeMutableBytes { constants.copy(to: $0) }
    #expect(copied[99] == 99 && copied[127] == 0)

    let path = FileManager.default.temporaryDirectory.appendingPathComponent(
      "martlet-constants-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: path) }
    try Data(repeating: 0, count: constants.byteCount + 100).write(to: path)
    let file = try FileHandle(forUpdating: path)
    try constants.write(toFile: file.fileDescriptor, at: 40)
    try file.close()
    let written = try Data(contentsOf: path)
    #expect(Array(written[40..<40 + copied.count]) == copied)
    #expect(written.count == copied.count + 100)
  }

  @Test("a file that cannot be written is an error")
  func refusesFile() throws {
    var constants = Program.Constants()
    _ = constants.append(Tensor([1, 2] as [Float], shape: [2]))
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/dev/null"))
    #expect(throws: (any Error).self) {
      try constants.write(toFile: file.fileDescriptor, at: 0)
    }
  }
}
