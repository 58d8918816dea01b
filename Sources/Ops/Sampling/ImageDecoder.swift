package import Diagnostics
package import IR
import Images
package import Tensors

/// Decodes an image file.
///
/// - Input: `encoded_stream`, `u8[n]`, the bytes of a file in one of the formats that `ImageFile` reads. Output: `image`,
///   `u8[height, width, channels]`, whose sizes are known when it runs.
/// - Attribute: `pixel_format`: RGB (the default), BGR or Grayscale.
/// - Errors: `attribute.value`, `shape.rank-mismatch`; when it runs `image.format`, `image.damaged`, `image.too-large`.
/// - Source: ONNX ImageDecoder-20. Grey follows ITU-R 601-2, as in PIL, which the standard's reference decodes with.
package struct ImageDecoder: TensorOp {
  package static let schema = OpSchema(
    "ImageDecoder", versions: [20], inputs: [.required("encoded_stream", "T1")],
    outputs: [.required("image", "T2")], types: ["T1": [.u8], "T2": [.u8]])

  package let pixelFormat: String

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    pixelFormat = try attributes.string(
      "pixel_format", default: "RGB", oneOf: ["RGB", "BGR", "Grayscale"])
  }

  package var attributes: Attributes {
    Attributes { $0.string("pixel_format", pixelFormat, default: "RGB") }
  }

  private var channels: Int { pixelFormat == "Grayscale" ? 1 : 3 }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    if let shape = try context.knownShape(0), shape.count != 1 {
      throw Diagnostic(
        "shape.rank-mismatch", "encoded_stream has rank \(shape.count), expected 1")
    }
    let extents = (0..<2).map { context.freshDimension(axis: $0) }
    return [.tensor(.u8, extents + [IndexExpr(channels)])]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let bytes = inputs[0].array(of: UInt8.self)
    let image = try ImageFile.decode(bytes, name: "encoded_stream").converted(toChannels: channels)
    var pixels = image.pixels
    if pixelFormat == "BGR" {
      for start in stride(from: 0, to: pixels.count, by: 3) { pixels.swapAt(start, start + 2) }
    }
    return [Tensor(pixels, shape: [image.height, image.width, channels])]
  }
}
