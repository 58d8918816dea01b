import Diagnostics
import LLVMBackend
import Loops
import Tensors
import Testing

/// One kernel with the memory it runs on, held by the loop interpreter and by machine code to the same result.
struct KernelCase: Sendable, CustomTestStringConvertible {
  let kernel: Kernel
  /// The bytes behind each buffer parameter.
  let buffers: [[UInt8]]
  var values: [Int] = []
  /// For floating-point results; integers must agree exactly.
  var tolerance: Tolerance = .ulp(0)

  var testDescription: String { kernel.name }

  /// What the loop interpreter makes of it.
  func expected() throws -> [[UInt8]] {
    let found = KernelVerifier.verify(kernel)
    #expect(found.isEmpty, "\(found)")
    var interpreter = LoopInterpreter(kernel, parameters: buffers, values: values)
    try interpreter.run()
    return interpreter.parameters
  }

  /// Runs the machine code and compares every buffer that is written.
  func check(_ jit: JIT, _ target: Loops.Target, against expected: [[UInt8]]) throws {
    let lookup = Dictionary(uniqueKeysWithValues: zip(kernel.values, values))
    let count = try #require(kernel.parallelCount.evaluate { lookup[$0] })
    // Two calls, as two threads would make them.
    let middle = count / 2
    let first = try Launch.run(
      jit.kernel(kernel.name), buffers, values: values.map(Int64.init),
      range: count == 1 ? 0..<1 : 0..<middle, scratchByteCount: kernel.scratchByteCount)
    let found =
      count == 1
      ? first
      : try Launch.run(
        jit.kernel(kernel.name), first, values: values.map(Int64.init), range: middle..<count,
        scratchByteCount: kernel.scratchByteCount)
    for (number, parameter) in kernel.parameters.enumerated() {
      guard parameter.isWritten else {
        #expect(
          found[number] == buffers[number], "\(kernel.name) changed '\(parameter.buffer.name)'")
        continue
      }
      let type = parameter.buffer.element
      let tolerance = type.isFloat ? self.tolerance : .exact
      let comparison = tolerance.compare(
        Self.tensor(found[number], type), Self.tensor(expected[number], type))
      #expect(
        comparison.agrees, "\(kernel.name), \(target): \(comparison.mismatch ?? "")")
    }
  }

  private static func tensor(_ bytes: [UInt8], _ type: ElementType) -> Tensor {
    Tensor(type: type, shape: [bytes.count * 8 / type.bitWidth]) { $0.copyBytes(from: bytes) }
  }

  /// Compiles all cases together for each target and checks each; for AArch64 they must at least compile.
  static func checkAll(_ cases: [KernelCase], on targets: [Loops.Target] = JITTargets.all) throws {
    let expected = try cases.map { try $0.expected() }
    #expect(try !CodeGenerator(.aarch64).object(cases.map(\.kernel)).isEmpty)
    for target in targets {
      let jit = try JIT(cases.map(\.kernel), for: target)
      for (each, bytes) in zip(cases, expected) { try each.check(jit, target, against: bytes) }
    }
  }
}

/// Values of an element type that find mistakes: bounds, signs, halves, what does not fit elsewhere.
enum SpecialValues {
  static func bytes(_ type: ElementType) -> [UInt8] {
    switch type {
    case .bool: return [0, 1]
    case .f64: return floats.rawBytes
    case .f32: return floats.map(Float.init).rawBytes
    case .f16: return floats.map { Float16($0) }.rawBytes
    case .bf16: return floats.map { BFloat16(nearest: $0).bitPattern }.rawBytes
    default:
      let width = type.bitWidth / 8
      return integers.flatMap { Array($0.rawBytes.prefix(width)) }
    }
  }

  static func count(_ type: ElementType) -> Int { bytes(type).count * 8 / type.bitWidth }

  private static let floats: [Double] = [
    0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3.25, 126.5, 127.5, 128, -128.5, -129, 254.5, 255.5,
    300, 1e-7, -3e-8, 5.96e-8, 6.1e-5, 65504, 65520, 70000, -1e9, 2147483648, 4294967296, 1e15,
    1e20,
    -1e20, 1e-40, 3e38, 0.1, -0.3, 7, .infinity, -.infinity, .nan,
  ]

  private static let integers: [Int64] = [
    0, 1, -1, 2, 3, 5, 7, 8, 15, 16, 31, 32, 63, 64, 100, 127, 128, -127, -128, -129, 255, 256,
    32767,
    32768, -32768, 65535, 65536, 2_147_483_647, 2_147_483_648, -2_147_483_648, 16_777_217,
    4_294_967_295,
    -100, .max, .min, 9_007_199_254_740_993, 0x1234_5678_9abc_def0,
  ]
}

extension Int64 {
  var rawBytes: [UInt8] { withUnsafeBytes(of: self) { Array($0) } }
}
