import Images
import Martlet
import Testing

/// Values made by Pillow 11.0.0: `im.resize((width, height), Image.BILINEAR)` and so on, of
/// `Image.fromarray(a, "RGB")` with `a[y, x, c] = (37 x + 91 y + 53 c + x y c) % 256` for 5 rows and 7 columns.
@Suite("resized images") struct ResamplingTests {
  private static let cases: [(Image.Interpolation, [UInt8])] = [
    (
      .bilinear,
      [
        58, 111, 159, 116, 139, 136, 162, 129, 155, 137, 111, 104, 137, 131, 107, 88, 101, 128, 117,
        121, 152, 132, 139, 125, 88, 143, 129, 146, 166, 121, 109, 113, 122, 126, 94, 160,
      ]
    ),
    (
      .bicubic,
      [
        55, 113, 162, 120, 139, 133, 166, 128, 158, 132, 114, 100, 145, 132, 107, 83, 95, 130, 117,
        119, 153, 133, 139, 123, 83, 142, 124, 151, 169, 122, 106, 113, 123, 127, 91, 162,
      ]
    ),
    (
      .nearest,
      [
        0, 53, 106, 74, 127, 180, 148, 201, 254, 222, 19, 72, 182, 235, 32, 0, 57, 114, 74, 135,
        196, 148, 213, 22, 108, 161, 214, 182, 243, 48, 0, 69, 138, 74, 151, 228,
      ]
    ),
  ]

  @Test("are PIL's when they shrink", arguments: cases)
  func shrinks(_ interpolation: Image.Interpolation, _ pixels: [UInt8]) {
    let image = TestImages.pattern.resized(width: 4, height: 3, interpolation)
    #expect(image == Image(width: 4, height: 3, channels: 3, pixels: pixels))
  }

  @Test("are PIL's when one side grows and the other shrinks")
  func growsAndShrinks() {
    let grey = TestImages.pattern.converted(toChannels: 1)
    #expect(
      grey.resized(width: 9, height: 2).pixels == [
        116, 118, 123, 123, 104, 133, 135, 126, 115, 123, 121, 128, 137, 125, 127, 114, 113, 135,
      ])
    #expect(
      grey.resized(width: 3, height: 8, .bicubic).pixels == [
        63, 161, 162, 109, 141, 125, 163, 108, 87, 134, 82, 142, 104, 105, 155, 89, 166, 117, 137,
        139, 103, 176, 109, 98,
      ])
  }

  @Test("average what they shrink")
  func averages() {
    // The triangle is two pixels wide on each side of a centre and cut off at the border; it weighs the three pixels
    // under it 3, 3 and 1: (0 * 3 + 80 * 3 + 160 * 1) / 7 = 57.1.
    let image = Image(width: 4, height: 1, channels: 1, pixels: [0, 80, 160, 240])
    #expect(image.resized(width: 2, height: 1).pixels == [57, 183])
  }

  @Test("in grey are PIL's luma")
  func convertsToGrey() {
    let grey = TestImages.pattern.converted(toChannels: 1)
    #expect(grey.pixels.prefix(8) == [43, 80, 117, 154, 191, 199, 86, 134])
    #expect(grey.pixels.suffix(4) == [93, 56, 96, 137])
    let alpha = Image(width: 1, height: 1, channels: 1, pixels: [9]).converted(toChannels: 4)
    #expect(alpha.pixels == [9, 9, 9, 255])
    #expect(alpha.converted(toChannels: 3).pixels == [9, 9, 9])
  }

  @Test("are cropped in the middle")
  func crops() {
    let image = Image(width: 5, height: 4, channels: 1, pixels: Array(0..<20))
    // A border of 3 is 2 before and 1 after; one of 1 is 0 before.
    #expect(image.croppedToCenter(width: 2, height: 3).pixels == [2, 3, 7, 8, 12, 13])
    #expect(image.croppedToCenter(width: 5, height: 4) == image)
  }
}
