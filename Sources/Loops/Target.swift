package import Tensors

/// What a schedule may ask about the machine that it generates code for, and what that machine must have.
package struct Target: Hashable, Sendable {
  /// The name users select it by, such as `x86-64-v4-vnni`.
  package let name: String
  package let triple: String
  package let cpu: String
  /// LLVM's feature string, such as `+avx2,+fma`; empty for the CPU's own.
  package let features: String
  /// What code for this target may be made of: a processor that lacks one of these must not run it.
  package let requirements: Set<InstructionSet>
  package let vectorBits: Int
  package let vectorRegisterCount: Int
  package let hasFMA: Bool
  /// Exact four-way byte dot products in one instruction.
  package let hasDot4: Bool
  /// Those of an unsigned with a signed byte, without moving either.
  package let hasMixedDot4: Bool
  /// Sums of two products of 16-bit integers in one instruction.
  package let hasShortDot: Bool
  /// Sums of two bf16 products in one instruction.
  package let hasPairDot: Bool
  /// Matrix registers with products of bytes: what `TileStatement` needs.
  package let hasMatrixTiles: Bool
  /// Bytes of a table of 256 at so many places in a few instructions.
  package let hasByteTables: Bool
  /// Loads and stores with lanes switched off cost nothing extra.
  package let hasMasks: Bool
  package let level1ByteCount: Int
  package let level2ByteCount: Int

  /// A target for which schedules use what its instruction sets offer.
  package init(
    name: String, triple: String, cpu: String, features: String = "",
    requirements: Set<InstructionSet>, level1ByteCount: Int = 32 << 10,
    level2ByteCount: Int = 1 << 20
  ) {
    self.name = name
    self.triple = triple
    self.cpu = cpu
    self.features = features
    self.requirements = requirements
    self.level1ByteCount = level1ByteCount
    self.level2ByteCount = level2ByteCount
    guard Self.architecture(of: triple) == Self.x86Architecture else {
      vectorBits = 128
      vectorRegisterCount = 32
      hasFMA = true
      hasDot4 = requirements.contains(.dotprod)
      hasMixedDot4 = requirements.contains(.i8mm)
      hasShortDot = false
      hasPairDot = false
      hasMatrixTiles = false
      hasByteTables = false
      hasMasks = false
      return
    }
    let isWide = requirements.isSuperset(of: InstructionSet.wideVectors)
    let isMiddle = requirements.isSuperset(of: InstructionSet.middleVectors)
    vectorBits = isWide ? 512 : isMiddle ? 256 : 128
    vectorRegisterCount = isWide ? 32 : 16
    hasFMA = isMiddle
    hasDot4 = isWide && requirements.contains(.avx512vnni)
    hasMixedDot4 = hasDot4
    hasShortDot = hasDot4
    hasPairDot = isWide && requirements.contains(.avx512bf16)
    hasMatrixTiles = isWide && requirements.isSuperset(of: InstructionSet.matrixTiles)
    hasByteTables = isWide && requirements.contains(.avx512vbmi)
    hasMasks = isWide
  }

  /// Elements of a type that one vector register holds; at least 1.
  package func lanes(_ type: ElementType) -> Int {
    Swift.max(1, vectorBits / Swift.max(8, type.bitWidth))
  }
}

extension Target: CustomStringConvertible {
  package var description: String { name }
}

extension Target {
  private static let x86Architecture = "x86_64"
  private static let x86 = "x86_64-unknown-linux-gnu"

  /// SSE4.2 (x86-64-v2).
  package static let x86v2 = Target(
    name: "x86-64-v2", triple: x86, cpu: "x86-64-v2", requirements: InstructionSet.x86v2)
  /// AVX2 and FMA (x86-64-v3).
  package static let x86v3 = Target(
    name: "x86-64-v3", triple: x86, cpu: "x86-64-v3", requirements: InstructionSet.x86v3)
  /// AVX-512 F, BW, CD, DQ, VL (x86-64-v4).
  package static let x86v4 = Target(
    name: "x86-64-v4", triple: x86, cpu: "x86-64-v4", features: "-prefer-256-bit",
    requirements: InstructionSet.x86v4)
  /// AVX-512 with VNNI.
  package static let x86v4vnni = Target(
    name: "x86-64-v4-vnni", triple: x86, cpu: "x86-64-v4", features: "-prefer-256-bit,+avx512vnni",
    requirements: InstructionSet.x86v4.union([.avx512vnni]))
  /// AVX-512 with VNNI, and AMX for bytes.
  package static let x86v4amx = Target(
    name: "x86-64-v4-amx", triple: x86, cpu: "x86-64-v4",
    features: "-prefer-256-bit,+avx512vnni,+amx-tile,+amx-int8",
    requirements: InstructionSet.x86v4.union([.avx512vnni]).union(InstructionSet.matrixTiles))
  /// Armv8.0 with NEON.
  package static let aarch64 = Target(
    name: "aarch64", triple: "aarch64-unknown-linux-gnu", cpu: "generic", features: "+neon",
    requirements: [.neon])

  package static let named: [Target] = [.x86v2, .x86v3, .x86v4, .x86v4vnni, .x86v4amx, .aarch64]

  /// The first part of the triple, in one spelling.
  package var architecture: String { Self.architecture(of: triple) }

  private static func architecture(of triple: String) -> String {
    let first = String(triple.prefix { $0 != "-" })
    return first == "arm64" ? "aarch64" : first
  }

  /// How long a sum of two bf16 products takes, in `f32` multiply-adds of as many lanes.
  ///
  /// On a Sapphire Rapids it was measured to be 3.7 (docs/decisions/0007-kernel-tables.md); AMD documents as many in a cycle
  /// as multiply-adds.
  package var pairDotCost: Double { cpu.hasPrefix("znver") ? 1 : 4 }

  /// Instructions for the products of four bytes, as shares of a multiply-add: one where there is an instruction for them;
  /// x86 without it widens, multiplies in pairs and adds, others take bytes one by one.
  package var byteDotCost: Double {
    hasDot4 ? 1 : architecture == Self.x86Architecture ? 5 : 10
  }
  /// The same for two products of 16 bits.
  package var shortDotCost: Double {
    hasShortDot ? 1 : architecture == Self.x86Architecture ? 2 : 5
  }

  /// Every machine of this target's architecture.
  package var baseline: Target {
    guard architecture == Self.x86Architecture else {
      return Target(
        name: "baseline", triple: triple, cpu: "generic", features: "+neon", requirements: [.neon])
    }
    return Target(
      name: "baseline", triple: triple, cpu: "x86-64", features: "+sse2", requirements: [])
  }

  /// Whether code for this target is to be preferred to the other's on a machine that runs both.
  ///
  /// A target that needs all that another needs, and more, is always preferred to it.
  package func isBetter(than other: Target) -> Bool {
    other.preference.lexicographicallyPrecedes(preference)
  }

  private var preference: [Int] {
    [vectorBits, hasDot4 ? 1 : 0, hasMatrixTiles ? 1 : 0, requirements.count]
  }
}
