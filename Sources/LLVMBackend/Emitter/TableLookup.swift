import CLLVM
import Loops

/// The bytes of a table at the places that bytes say.
struct TableLookup {
  let b: Builder
  let target: Loops.Target
  let table: ByteTable

  func emit(_ index: LLVMValueRef) -> LLVMValueRef {
    let lanes = b.lanes(of: index)
    if target.hasByteTables, lanes > 1, lanes <= 64 { return permuted(index, lanes) }
    if target.triple.hasPrefix("x86_64"), target.vectorBits == 512, lanes > 1, lanes <= 32 {
      return permutedPairs(index, lanes)
    }
    let data = global()
    return b.concatenate(
      (0..<lanes).map { element(lanes == 1 ? index : b.extract(index, $0), data) })
  }

  /// Two permutations of two registers each, one for either half of the table (AVX-512 VBMI).
  private func permuted(_ index: LLVMValueRef, _ lanes: Int) -> LLVMValueRef {
    let wide = lanes == 64 ? index : b.shuffle(index, (0..<64).map { $0 < lanes ? $0 : -1 })
    let quarters = (0..<4).map { quarter in
      b.constantVector(table.bytes[quarter * 64..<(quarter + 1) * 64].map { Int($0) }, b.i8)
    }
    let halves = [0, 2].map { first in
      b.intrinsic(
        "llvm.x86.avx512.vpermi2var.qi.512", [], [quarters[first], wide, quarters[first + 1]])
    }
    let isLower = b.icmp(LLVMIntSGE, wide, b.zero(b.type(of: wide)))
    let chosen = b.select(isLower, halves[0], halves[1])
    return lanes == 64 ? chosen : b.slice(chosen, 0, lanes)
  }

  /// The same for pairs of bytes, of which each lane takes one (AVX-512 BW).
  private func permutedPairs(_ index: LLVMValueRef, _ lanes: Int) -> LLVMValueRef {
    let count = 32
    let wide = lanes == count ? index : b.shuffle(index, (0..<count).map { $0 < lanes ? $0 : -1 })
    let words: LLVMValueRef = LLVMBuildZExt(b.ref, wide, b.vector(b.i16, count), "")
    let quarters = (0..<4).map { quarter in
      b.constantVector(
        (quarter * count..<(quarter + 1) * count).map { pair in
          Int(
            Int16(
              bitPattern: UInt16(table.bytes[2 * pair]) | UInt16(table.bytes[2 * pair + 1]) << 8))
        }, b.i16)
    }
    let place = b.lshr(words, b.like(words, Int64(1)))
    let halves = [0, 2].map { first in
      b.intrinsic(
        "llvm.x86.avx512.vpermi2var.hi.512", [], [quarters[first], place, quarters[first + 1]])
    }
    let isLower = b.icmp(LLVMIntULT, words, b.like(words, Int64(128)))
    let pair = b.select(isLower, halves[0], halves[1])
    let isOdd = b.and(words, b.like(words, Int64(1)))
    let byte = b.lshr(pair, b.shl(isOdd, b.like(words, Int64(3))))
    let narrow: LLVMValueRef = LLVMBuildTrunc(b.ref, byte, b.vector(b.i8, count), "")
    return lanes == count ? narrow : b.slice(narrow, 0, lanes)
  }

  private func element(_ index: LLVMValueRef, _ data: LLVMValueRef) -> LLVMValueRef {
    let place: LLVMValueRef = LLVMBuildZExt(b.ref, index, b.i64, "")
    var indices: [LLVMValueRef?] = [place]
    let address: LLVMValueRef = LLVMBuildGEP2(b.ref, b.i8, data, &indices, 1, "")
    return LLVMBuildLoad2(b.ref, b.i8, address, "")
  }

  /// The table as constant data of the module.
  private func global() -> LLVMValueRef {
    let data = b.constantVector(table.bytes.map { Int($0) }, b.i8)
    let global: LLVMValueRef = LLVMAddGlobal(b.module, b.type(of: data), "byte_table")
    LLVMSetInitializer(global, data)
    LLVMSetLinkage(global, LLVMPrivateLinkage)
    LLVMSetGlobalConstant(global, 1)
    LLVMSetUnnamedAddress(global, LLVMGlobalUnnamedAddr)
    LLVMSetAlignment(global, 64)
    return global
  }
}
