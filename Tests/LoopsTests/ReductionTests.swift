import Loops
import Tensors
import Testing

struct ReductionTests {
  @Test("neutral elements keep every bit", arguments: [ElementType.f32, .f64, .f16, .bf16])
  func neutralSumIsNegativeZero(type: ElementType) {
    #expect(Reduction.add.neutral(type) == .float(-0.0, type))
  }

  @Test func boundsOfIntegers() {
    #expect(ElementType.u8.largest == 255)
    #expect(ElementType.i8.smallest == -128)
    #expect(UInt64(bitPattern: ElementType.u64.largest) == .max)
    #expect(ElementType.i64.smallest == .min)
  }
}
