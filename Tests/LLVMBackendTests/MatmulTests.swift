import LLVMBackend
import Loops
import Tensors
import Testing

struct MatmulTests {

  @Test("a register tile multiplies matrices", arguments: JITTargets.all)
  func tileMultiplies(target: Loops.Target) throws {
    let lanes = target.lanes(.f32)
    let rows = target.vectorRegisterCount == 32 ? 14 : 6
    let (m, k, n) = (2 * rows, 64, 2 * lanes)
    let kernel = SampleKernels.matmulTile(rows: rows, blocks: 2, lanes: lanes, m: m, k: k)
    let x = (0..<m * k).map { Float($0 % 7) - 3 }
    let w = (0..<k * n).map { Float($0 % 5) - 2 }
    let jit = try JIT([kernel], for: target)
    let y = [Float](repeating: 0, count: m * n)
    let result = try Launch.run(
      jit.kernel("matmul"), [x.rawBytes, w.rawBytes, y.rawBytes], range: 0..<2)
    let found = [Float](rawBytes: result[2])
    for i in 0..<m {
      for j in 0..<n {
        let expected = (0..<k).reduce(Float(0)) { $0 + x[i * k + $1] * w[$1 * n + j] }
        #expect(found[i * n + j] == expected)
      }
    }
  }

  @Test("the 14 by 2 tile stays in registers")
  func tileHasNoSpills() throws {
    let target = Target.x86v4
    let kernel = SampleKernels.matmulTile(rows: 14, blocks: 2, lanes: 16, m: 28, k: 64)
    let assembly = try CodeGenerator(target).text([kernel], .assembly)
    let lines = assembly.split(separator: "\n")
    #expect(lines.filter { $0.contains("vfmadd231ps") }.count == 4 * 28)
    #expect(lines.filter { $0.contains("zmm") && $0.contains("(%rsp)") }.count <= 4)
  }
}
