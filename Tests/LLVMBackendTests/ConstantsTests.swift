import Foundation
import LLVMBackend
import Loops
import Tensors
import Testing

struct ConstantsTests {
  @Test(
    "constants go from tensors to a file to an object", arguments: [Loops.Target.x86v3, .aarch64])
  func constantsReachTheObject(target: Loops.Target) throws {
    var constants = Program.Constants()
    let first = constants.append(Tensor((0..<100).map { UInt8($0) }, shape: [100]))
    let second = constants.append(Tensor([1.5, -2.5] as [Float], shape: [2]))
    #expect(first == 0)
    #expect(second == 128)
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(
      "martlet-constants-\(UUID().uuidString)"
    ).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try constants.write(toFile: path)
    let written = try Data(contentsOf: URL(fileURLWithPath: path))
    #expect(written.count == constants.byteCount)
    #expect(written[99] == 99 && written[127] == 0)
    var copied = [UInt8](repeating: 0, count: constants.byteCount)
    copied.withUnsafeMutableBytes { constants.copy(to: $0) }
    #expect(Data(copied) == written)
    let object = Data(
      try CodeGenerator(target).constantsObject(file: path, names: SymbolNames(prefix: "sample")))
    #expect(object.range(of: written) != nil)
    #expect(object.range(of: Data("sample_constants".utf8)) != nil)
    #expect(object.range(of: Data(".martlet.constants".utf8)) != nil)
  }
}
