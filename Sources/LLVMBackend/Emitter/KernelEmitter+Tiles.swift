import CLLVM
import Diagnostics
import Loops
import Tensors

/// Matrix registers (AMX): one instruction for each statement, with the register's number in it.
///
/// The intrinsics may touch any memory as far as LLVM knows, so that no load or store moves across them.
///
/// Source: Intel SDM volume 1, chapter 18, "Programming with Intel AMX", and volume 2, "LDTILECFG".
extension KernelEmitter {
  func emit(_ tile: TileStatement) throws(Diagnostic) {
    guard scope.lanes == nil else { throw broken("'\(tile)' is inside a vector loop") }
    guard tile.registers.allSatisfy({ (0..<TileStatement.registerCount).contains($0) }) else {
      throw broken("'\(tile)' names a register beyond \(TileStatement.registerCount)")
    }
    let registers = tile.registers.map { b.constant(Int64($0), b.i8) }
    switch tile {
    case .zero: _ = b.intrinsic("llvm.x86.tilezero", [], registers)
    case .dot: _ = b.intrinsic("llvm.x86.tdpbusd", [], registers)
    case .load: try emitTransfer("llvm.x86.tileloadd64", registers, tile)
    case .store: try emitTransfer("llvm.x86.tilestored64", registers, tile)
    }
  }

  private func emitTransfer(
    _ name: String, _ registers: [LLVMValueRef], _ tile: TileStatement
  ) throws(Diagnostic) {
    guard let access = tile.access else { return }
    let width = access.buffer.element.bitWidth / 8
    guard width == 1 || width == 4 else {
      throw broken("'\(tile)' has elements of type \(access.buffer.element)")
    }
    let address = try address(
      access.buffer, try memoryType(access.buffer.element), resolve(access.linear(row: 0)))
    let stride = try scalar(resolve(access.rowStride * IndexExpr(width)))
    _ = b.intrinsic(name, [], registers + [address, stride])
  }

  /// Gives every register 16 rows of 64 bytes, and zeros.
  func configureTiles() throws(Diagnostic) {
    guard target.hasMatrixTiles else {
      throw broken("the body uses matrix tiles, which \(target) lacks")
    }
    // Palette 1, no row to start from, bytes of a row as 16-bit numbers from byte 16, rows from byte 48.
    var bytes = [UInt8](repeating: 0, count: 64)
    bytes[0] = 1
    for register in 0..<TileStatement.registerCount {
      bytes[16 + 2 * register] = UInt8(TileStatement.rowByteCount)
      bytes[48 + register] = UInt8(TileStatement.rowCount)
    }
    let data = b.constantVector(bytes.map(Int.init), b.i8)
    let global: LLVMValueRef = LLVMAddGlobal(b.module, b.type(of: data), "tile_configuration")
    LLVMSetInitializer(global, data)
    LLVMSetLinkage(global, LLVMPrivateLinkage)
    LLVMSetGlobalConstant(global, 1)
    LLVMSetUnnamedAddress(global, LLVMGlobalUnnamedAddr)
    LLVMSetAlignment(global, 64)
    _ = b.intrinsic("llvm.x86.ldtilecfg", [], [global])
  }

  /// Frees the registers, so that the system need not save them when it switches threads.
  func releaseTiles() { _ = b.intrinsic("llvm.x86.tilerelease", [], []) }
}
