package import Tensors

/// What a schedule may ask about the machine that it generates code for.
package struct Target: Hashable, Sendable {
  /// The name users select it by, such as `x86-64-v4-vnni`.
  package let name: String
  package let triple: String
  package let cpu: String
  /// LLVM's feature string, such as `+avx2,+fma`; empty for the CPU's own.
  package let features: String
  package let vectorBits: Int
  package let vectorRegisterCount: Int
  package let hasFMA: Bool
  /// Exact four-way byte dot products in one instruction.
  package let hasDot4: Bool
  /// Loads and stores with lanes switched off cost nothing extra.
  package let hasMasks: Bool
  package let level1ByteCount: Int
  package let level2ByteCount: Int

  package init(
    name: String, triple: String, cpu: String, features: String, vectorBits: Int,
    vectorRegisterCount: Int, hasFMA: Bool, hasDot4: Bool, hasMasks: Bool,
    level1ByteCount: Int = 32 << 10, level2ByteCount: Int = 1 << 20
  ) {
    self.name = name
    self.triple = triple
    self.cpu = cpu
    self.features = features
    self.vectorBits = vectorBits
    self.vectorRegisterCount = vectorRegisterCount
    self.hasFMA = hasFMA
    self.hasDot4 = hasDot4
    self.hasMasks = hasMasks
    self.level1ByteCount = level1ByteCount
    self.level2ByteCount = level2ByteCount
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
  private static let x86 = "x86_64-unknown-linux-gnu"

  /// SSE4.2 (x86-64-v2).
  package static let x86v2 = Target(
    name: "x86-64-v2", triple: x86, cpu: "x86-64-v2", features: "", vectorBits: 128,
    vectorRegisterCount: 16, hasFMA: false, hasDot4: false, hasMasks: false)
  /// AVX2 and FMA (x86-64-v3).
  package static let x86v3 = Target(
    name: "x86-64-v3", triple: x86, cpu: "x86-64-v3", features: "", vectorBits: 256,
    vectorRegisterCount: 16, hasFMA: true, hasDot4: false, hasMasks: false)
  /// AVX-512 F, BW, CD, DQ, VL (x86-64-v4).
  package static let x86v4 = Target(
    name: "x86-64-v4", triple: x86, cpu: "x86-64-v4", features: "-prefer-256-bit",
    vectorBits: 512, vectorRegisterCount: 32, hasFMA: true, hasDot4: false, hasMasks: true)
  /// AVX-512 with VNNI.
  package static let x86v4vnni = Target(
    name: "x86-64-v4-vnni", triple: x86, cpu: "x86-64-v4", features: "-prefer-256-bit,+avx512vnni",
    vectorBits: 512, vectorRegisterCount: 32, hasFMA: true, hasDot4: true, hasMasks: true)
  /// Armv8.2 with NEON.
  package static let aarch64 = Target(
    name: "aarch64", triple: "aarch64-unknown-linux-gnu", cpu: "generic", features: "+neon",
    vectorBits: 128, vectorRegisterCount: 32, hasFMA: true, hasDot4: false, hasMasks: false)

  package static let named: [Target] = [.x86v2, .x86v3, .x86v4, .x86v4vnni, .aarch64]
}
