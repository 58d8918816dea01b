import Diagnostics
import IR
import Images
import Martlet
import Tensors
import Testing

@Suite("images as inputs") struct ImagePreprocessingTests {
  /// Two pixels, red and dark blue.
  private static let pair = Image(width: 2, height: 1, channels: 3, pixels: [255, 0, 0, 0, 0, 51])

  private func port(_ element: ElementType, _ shape: [IndexExpr]) -> Signature.Port {
    Signature.Port(name: "image", type: .tensor(element, shape))
  }

  private func refusal(
    _ image: Image, _ port: Signature.Port,
    _ change: (inout ImagePreprocessing) -> Void = { _ in }
  ) -> Diagnostic? {
    var preprocessing = ImagePreprocessing()
    change(&preprocessing)
    do {
      _ = try preprocessing.tensor(image, for: port)
      return nil
    } catch {
      return error
    }
  }

  @Test("are laid out as the input's shape says")
  func findsLayout() throws {
    let preprocessing = ImagePreprocessing()
    let planes = try preprocessing.tensor(Self.pair, for: port(.u8, [1, 3, 1, 2]))
    #expect(planes.shape == [1, 3, 1, 2])
    #expect(planes.array(of: UInt8.self) == [255, 0, 0, 0, 0, 51])
    let pixels = try preprocessing.tensor(
      Self.pair, for: port(.u8, [.symbol("N"), .symbol("H"), .symbol("W"), 3]))
    #expect(pixels.shape == [1, 1, 2, 3])
    #expect(pixels.array(of: UInt8.self) == Self.pair.pixels)
    let alpha = try preprocessing.tensor(Self.pair, for: port(.u8, [4, 1, 2]))
    #expect(alpha.array(of: UInt8.self) == [255, 0, 0, 0, 0, 51, 255, 255])
    // 255 * 0.299 and 51 * 0.114, rounded.
    let grey = try preprocessing.tensor(Self.pair, for: port(.u8, [1, 2]))
    #expect(grey.array(of: UInt8.self) == [76, 6])
  }

  @Test("are 0...1 in inputs of floats", arguments: [ElementType.f32, .f64, .f16, .bf16])
  func scalesFloats(_ type: ElementType) throws {
    let tensor = try ImagePreprocessing().tensor(Self.pair, for: port(type, [1, 3, 1, 2]))
    #expect(tensor.type == type)
    let expected = Tensor(
      doubles: [1, 0, 0, 0, 0, type == .f64 ? 51.0 / 255 : Double(Float(51) / 255)],
      shape: [1, 3, 1, 2], type: type)
    #expect(Tolerance.exact.compare(tensor, expected).mismatch == nil)
  }

  @Test("are scaled, shifted and spread per channel, in the input's order of colours")
  func normalizes() throws {
    var preprocessing = ImagePreprocessing()
    preprocessing.scale = 51
    preprocessing.mean = [1, 2, 3]
    preprocessing.std = [1, 2, 4]
    let tensor = try preprocessing.tensor(Self.pair, for: port(.f32, [1, 3, 1, 2]))
    #expect(tensor.array(of: Float.self) == [4, -1, -1, -1, -0.75, -0.5])
    preprocessing.color = .bgr
    let turned = try preprocessing.tensor(Self.pair, for: port(.f32, [1, 3, 1, 2]))
    #expect(turned.array(of: Float.self) == [-1, 0, -1, -1, 0.5, -0.75])
  }

  @Test("keep their size where the input leaves it open, and get it where it does not")
  func fitsSize() throws {
    let preprocessing = ImagePreprocessing()
    let image = TestImages.pattern
    let open = port(.u8, [1, 3, .symbol("H"), .symbol("W")])
    #expect(try preprocessing.tensor(image, for: open).shape == [1, 3, 5, 7])
    #expect(
      try preprocessing.tensor(image, for: open, symbols: [Symbol("W"): 4]).shape == [1, 3, 5, 4])
    let fixed = try preprocessing.tensor(image, for: port(.u8, [1, 3, 4, 3]))
    let resized = image.resized(width: 3, height: 4)
    #expect(
      fixed.integers
        == (0..<3).flatMap { c in
          stride(from: c, to: 36, by: 3).map { Int(resized.pixels[$0]) }
        })
  }

  @Test("are resized by their shorter side and cropped as torchvision does")
  func resizesAndCrops() throws {
    var preprocessing = ImagePreprocessing()
    preprocessing.resize = .shorterSide(8)
    preprocessing.crop = ImagePreprocessing.Size(height: 6, width: 6)
    let image = TestImages.pattern
    let tensor = try preprocessing.tensor(image, for: port(.u8, [1, 6, 6, 3]))
    // 7 * 8 / 5 = 11.2
    let expected = image.resized(width: 11, height: 8).croppedToCenter(width: 6, height: 6)
    #expect(tensor.array(of: UInt8.self) == expected.pixels)
    preprocessing.resize = .exactly(ImagePreprocessing.Size(height: 6, width: 6))
    preprocessing.interpolation = .nearest
    let exact = try preprocessing.tensor(image, for: port(.u8, [1, 6, 6, 3]))
    #expect(exact.array(of: UInt8.self) == image.resized(width: 6, height: 6, .nearest).pixels)
  }

  @Test("do not go into inputs that are not for images, and the message says what was expected")
  func refusesInputs() {
    let five = refusal(Self.pair, port(.f32, [1, 5, 8, 8]))
    #expect(five?.id == "image.input")
    #expect(five?.message.contains("expected [1, C, H, W] or [1, H, W, C]") == true)
    for shape in [[8], [2, 3, 1, 2], [1, 1, 3, 1, 2]] as [[IndexExpr]] {
      #expect(refusal(Self.pair, port(.f32, shape))?.id == "image.input")
    }
    #expect(refusal(Self.pair, port(.string, [1, 3, 1, 2]))?.id == "image.input")
    let open = port(.u8, [1, .symbol("C"), .symbol("H"), .symbol("W")])
    #expect(refusal(Self.pair, open)?.id == "image.input")
    #expect(refusal(Self.pair, open) { $0.layout = .nchw } == nil)
    #expect(
      refusal(Self.pair, port(.f32, [1, 3, 1, 2])) { $0.layout = .nhwc }?.id == "image.input")
  }

  @Test("are refused when no tensor comes of them")
  func refusesValues() {
    let input = port(.f32, [1, 3, 4, 4])
    let side = IndexExpr.symbol("S")
    #expect(refusal(Self.pair, port(.f32, [1, 3, side, side]))?.id == "image.size")
    #expect(refusal(Self.pair, input) { $0.resize = .shorterSide(4) }?.id == "image.size")
    #expect(refusal(Self.pair, input) { $0.crop = .init(height: 4, width: 4) }?.id == "image.size")
    #expect(
      refusal(Self.pair, input) { $0.resize = .shorterSide(1 << 24) }?.id == "image.too-large")
    #expect(refusal(Self.pair, input) { $0.mean = [1, 2] }?.id == "image.preprocessing")
    #expect(refusal(Self.pair, input) { $0.std = [0] }?.id == "image.preprocessing")
    #expect(
      refusal(Self.pair, input) { $0.crop = .init(height: 0, width: 1) }?.id
        == "image.preprocessing")
    // 0...255 does not fit; 128 less does.
    let bytes = port(.i8, [1, 3, 1, 2])
    #expect(refusal(Self.pair, bytes)?.id == "image.range")
    #expect(refusal(Self.pair, bytes) { $0.mean = [128] } == nil)
  }
}
