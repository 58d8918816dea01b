/// Instructions beyond the first version of an architecture, by LLVM's names for them.
///
/// Only what a code generator may choose by itself is listed: a processor need not have what no kernel can hold, such
/// as encryption. The run-time finds out by the same names what the processor has (`Sources/CRuntime/processor.c`).
package enum InstructionSet: String, CaseIterable, Hashable, Sendable {
  // x86-64-v2
  case compareExchange16 = "cx16"
  case sahf
  case popcnt
  case sse3
  case ssse3
  case sse41 = "sse4.1"
  case sse42 = "sse4.2"
  // x86-64-v3
  case avx
  case avx2
  case bmi
  case bmi2
  case f16c
  case fma
  case lzcnt
  case movbe
  // x86-64-v4
  case avx512f
  case avx512bw
  case avx512cd
  case avx512dq
  case avx512vl
  // x86-64, in no level
  case avx512vnni
  case avx512ifma
  case avx512vbmi
  case avx512vbmi2
  case avx512bitalg
  case avx512vpopcntdq
  case avx512bf16
  case avx512fp16
  case avxvnni
  case avxvnniint8
  case avxvnniint16
  case avxifma
  case avxneconvert
  case amxtile = "amx-tile"
  case amxint8 = "amx-int8"
  case gfni
  case egpr
  case sse4a
  case xop
  case fma4
  case tbm
  // AArch64
  case neon
  case fullfp16
  case fp16fml
  case dotprod
  case rdm
  case complxnum
  case i8mm
  case bf16
  case sve
  case sve2
  case lse
  case rcpc
  case cssc
  case mops
}

extension InstructionSet {
  /// The levels of the System V ABI for x86-64, version 1.0, section 3.1.1.
  package static let x86v2: Set<InstructionSet> = [
    .compareExchange16, .sahf, .popcnt, .sse3, .ssse3, .sse41, .sse42,
  ]
  package static let x86v3: Set<InstructionSet> = x86v2.union(
    [.avx, .avx2, .bmi, .bmi2, .f16c, .fma, .lzcnt, .movbe])
  package static let x86v4: Set<InstructionSet> = x86v3.union(wideVectors).union([.avx512cd])

  /// What a schedule for 512-bit registers with masks is made of.
  package static let wideVectors: Set<InstructionSet> = [.avx512f, .avx512bw, .avx512dq, .avx512vl]
  /// What matrix registers and products of bytes in them are made of.
  package static let matrixTiles: Set<InstructionSet> = [.amxtile, .amxint8]
  /// What a schedule for 256-bit registers is made of.
  package static let middleVectors: Set<InstructionSet> = [.avx2, .fma, .f16c]
}
