import LLVMBackend
import Loops
import Tensors
import Testing

/// `quantize` and `bytes`: alone, and where neighbours in memory become one store or one load.
@Suite("bytes of vectors") struct QuantizedBytesTests {
  @Test("one value at a time, special values included")
  func quantize() throws {
    var cases: [KernelCase] = []
    for (type, zeroPoint) in [
      (ElementType.u8, 0), (.u8, 255), (.i8, 0), (.i8, -128), (.i16, 3), (.u16, 65535),
    ] {
      cases.append(
        OperationTests.map("quantize_\(type)_\(abs(zeroPoint))", [.f32], type) {
          .quantize($0[0], zeroPoint: zeroPoint, type)
        })
    }
    try KernelCase.checkAll(cases)
  }

  @Test("two to nine neighbours, special values included")
  func storeRuns() throws {
    var cases: [KernelCase] = []
    for lanes in [4, 8, 16] {
      for count in 2...9 {
        for (type, zeroPoint) in [(ElementType.u8, 0), (.u8, 131), (.i8, 5), (.i8, -4)] {
          cases.append(Self.storeRun(lanes, count, type, zeroPoint))
        }
      }
    }
    try KernelCase.checkAll(cases)
  }

  @Test("four bytes in a word: neighbours, and others")
  func bytes() throws {
    var cases: [KernelCase] = []
    for lanes in [4, 8, 16] {
      for distance in [lanes, lanes + 1] { cases.append(Self.words(lanes, distance)) }
    }
    try KernelCase.checkAll(cases)
  }

  /// `count` vectors of special values that are stored one behind the other.
  private static func storeRun(
    _ lanes: Int, _ count: Int, _ type: ElementType, _ zeroPoint: Int
  ) -> KernelCase {
    let special = SpecialValues.bytes(.f32)
    let size = count * lanes
    let values = (0..<4 * size).map { special[$0 % special.count] }
    let input = Buffer(
      name: "x", base: .parameter(0), element: .f32, shape: [IndexExpr(size)], alignment: 1)
    let output = Buffer(
      name: "y", base: .parameter(1), element: type, shape: [IndexExpr(size)], alignment: 1)
    let (symbol, lane) = SampleKernels.symbol("lane")
    let stores = (0..<count).map { number -> Statement in
      let place = [IndexExpr(number * lanes) + lane]
      return .store(
        output, place, .quantize(.load(input, place), zeroPoint: zeroPoint, type))
    }
    return kernel(
      "run_\(lanes)_\(count)_\(type)_\(zeroPoint < 0 ? "m" : "")\(abs(zeroPoint))", input, output,
      Loop(symbol, to: IndexExpr(lanes), .vector(lanes: lanes), body: stores), values, size)
  }

  /// Words of four bytes that are `distance` apart.
  private static func words(_ lanes: Int, _ distance: Int) -> KernelCase {
    let size = 3 * distance + lanes
    let input = Buffer(
      name: "x", base: .parameter(0), element: .u8, shape: [IndexExpr(size)], alignment: 1)
    let output = Buffer(
      name: "y", base: .parameter(1), element: .i32, shape: [IndexExpr(lanes)], alignment: 1)
    let (symbol, lane) = SampleKernels.symbol("lane")
    func byte(_ number: Int) -> Expr { .load(input, [IndexExpr(number * distance) + lane]) }
    let word = Expr.bytes(byte(0), byte(1), byte(2), byte(3))
    return kernel(
      "words_\(lanes)_\(distance)", input, output,
      Loop(
        symbol, to: IndexExpr(lanes), .vector(lanes: lanes), body: [.store(output, [lane], word)]),
      (0..<size).map { UInt8(truncatingIfNeeded: 37 * $0 + 11) }, 4 * lanes)
  }

  private static func kernel(
    _ name: String, _ input: Buffer, _ output: Buffer, _ loop: Loop, _ values: [UInt8],
    _ byteCount: Int
  ) -> KernelCase {
    KernelCase(
      kernel: Kernel(
        name: name,
        parameters: [.init(input, isWritten: false), .init(output, isWritten: true)],
        body: [.loop(loop)]),
      buffers: [values, Array(repeating: 0, count: byteCount)])
  }
}
