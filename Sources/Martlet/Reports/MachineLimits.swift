import CRuntime
import Foundation
import LLVMBackend
import Loops
import Lowering

/// What this machine can do at most, as measured by kernels that our own back end compiles.
public struct MachineLimits: Encodable, Sendable {
  /// A cache, or the memory behind all of them.
  public struct Level: Encodable, Sendable {
    /// `L1`, `L2`, `L3` or `memory`.
    public let name: String
    /// What the level holds for all threads in use together; nil for memory.
    public let byteCount: Int?
    /// Reads by all threads together.
    public let gigabytesPerSecond: Double

    public init(name: String, byteCount: Int?, gigabytesPerSecond: Double) {
      self.name = name
      self.byteCount = byteCount
      self.gigabytesPerSecond = gigabytesPerSecond
    }
  }

  public let threads: Int
  /// Operations of f32 multiply-adds, two each.
  public let gigaflopsPerSecond: Double
  /// Operations of four-way byte products, eight each; nil where nothing asked for it.
  public let byteGigaopsPerSecond: Double?
  /// The nearest first; memory is the last.
  public let levels: [Level]

  public init(
    threads: Int, gigaflopsPerSecond: Double, byteGigaopsPerSecond: Double?, levels: [Level]
  ) {
    self.threads = threads
    self.gigaflopsPerSecond = gigaflopsPerSecond
    self.byteGigaopsPerSecond = byteGigaopsPerSecond
    self.levels = levels
  }

  /// Measures for about half a second.
  ///
  /// Every limit is the best of several runs: what the machine can do when nothing disturbs it.
  ///
  /// - Throws: a `Diagnostic` when a kernel cannot be compiled.
  public static func measure(threads: Int, withByteProducts: Bool = false) throws -> MachineLimits {
    let threads = threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount
    let target = Loops.Target.native()
    let programs = LimitPrograms(for: target, threads: threads)
    func rate(_ measured: LimitPrograms.Measured, _ amount: (KernelWork) -> Double) throws -> Double
    {
      let executor = try NativeExecutor(measured.program, threads: threads, target: target)
      let step = measured.program.steps[measured.step]
      let work = KernelWork(measured.program.kernels[step.kernel], values: [])
      return amount(work) / Double(try executor.leastNanoseconds(step: measured.step, runs: 12))
    }
    let flops = try rate(programs.multiplyAdds(rounds: 40_000)) { $0.floatOperations }
    let bytes =
      withByteProducts
      ? try rate(programs.byteProducts(rounds: 20_000)) { $0.byteOperations } : nil
    let levels = try self.levels(threads, target).map { level in
      let passes = max(1, (64 << 20) / level.probe)
      let measured = try programs.reads(
        byteCount: level.probe, rounds: passes, tasks: level.byteCount == nil ? 8 : 1)
      let read = try rate(measured) { $0.readByteCounts.reduce(0, +) * Double(passes) }
      return Level(name: level.name, byteCount: level.byteCount, gigabytesPerSecond: read)
    }
    return MachineLimits(
      threads: threads, gigaflopsPerSecond: flops, byteGigaopsPerSecond: bytes, levels: levels)
  }

  /// The levels with what they hold, and how much is read to measure them.
  private static func levels(
    _ threads: Int, _ target: Loops.Target
  ) -> [(name: String, byteCount: Int?, probe: Int)] {
    let first = known(_SC_LEVEL1_DCACHE_SIZE) ?? target.level1ByteCount
    let second = known(_SC_LEVEL2_CACHE_SIZE) ?? target.level2ByteCount
    let third = known(_SC_LEVEL3_CACHE_SIZE)
    var levels: [(String, Int?, Int)] = [
      ("L1", first * threads, first * threads / 2), ("L2", second * threads, second * threads / 2),
    ]
    if let third, third > 2 * second * threads {
      levels.append(("L3", third, min(third / 2, max(4 * second * threads, 16 << 20))))
    }
    levels.append(("memory", nil, min(512 << 20, max(64 << 20, 2 * (third ?? second)))))
    return levels
  }

  private static func known(_ name: Int) -> Int? {
    let found = sysconf(Int32(name))
    return found > 0 ? found : nil
  }

  /// The level that `byteCount` bytes fit in.
  func level(holding byteCount: Double) -> Level? {
    levels.first { Double($0.byteCount ?? .max) >= byteCount } ?? levels.last
  }
}
