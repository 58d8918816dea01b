import Diagnostics
import IR
import Ops
import Tensors

extension GraphGrower {
  /// A value `[N, C, spatial...]` without zeros.
  mutating func picture(
    _ type: ElementType, channels: [Int] = [1, 2, 3, 4, 5, 8], axes: ClosedRange<Int> = 1...3
  ) -> ValueID {
    value(
      type, rank: axes.lowerBound + 2...axes.upperBound + 2,
      where: { !$0.shape.contains(0) && $0.elementCount <= 4000 },
      make: { grower in
        let spatial = grower.pick([2, 2, 2, grower.number(axes)])
        let sides = (0..<min(max(spatial, axes.lowerBound), axes.upperBound)).map { _ in
          grower.pick([1, 2, 3, 4, 5, 7, 8, 9, 12])
        }
        return [grower.pick([1, 1, 2]), grower.pick(channels)]
          + sides.map { spatial == 3 ? min($0, 5) : $0 }
      })
  }

  /// How a window slides over axes that it fits.
  mutating func window(over sizes: [Int], kernel: [Int]) -> WindowAttributes {
    var window = WindowAttributes(kernelShape: kernel)
    if flag() { window.strides = sizes.map { _ in number(1...3) } }
    if chance(1, of: 4) {
      window.autoPad = pick([.sameUpper, .sameLower, .valid])
      // Windows that leave elements out would be padded by less than nothing, which onnxruntime refuses.
      window.strides = window.strides.map { zip($0, kernel).map { min($0, $1) } }
      return window
    }
    if flag() { window.pads = (kernel + kernel).map { below($0) } }
    if chance(1, of: 3) {
      let pads = window.pads ?? Array(repeating: 0, count: 2 * kernel.count)
      window.dilations = sizes.indices.map { axis in
        let room = sizes[axis] + pads[axis] + pads[axis + sizes.count]
        return 2 * (kernel[axis] - 1) + 1 <= room ? pick([1, 2]) : 1
      }
    }
    return window
  }

  /// A convolution of some kind over a picture, with new weights.
  mutating func convolve(_ name: String, _ x: ValueID) throws(Diagnostic) {
    let shape = shape(of: x)
    let type = tensor(x).type
    let channels = shape[1]
    let group = chance(1, of: 4) ? channels : channels % 2 == 0 && chance(1, of: 4) ? 2 : 1
    let outputs = group * pick(group > 1 ? [1, 1, 2] : [1, 3, 5, 8, 16, 17])
    let sizes = Array(shape.dropFirst(2))
    let kernel = sizes.map { min($0, pick([1, 1, 2, 3, 3, 5])) }
    let weights = value(type, shape: [outputs, channels / group] + kernel)
    let bias = flag() ? value(type, shape: [outputs]) : nil
    let window = window(over: sizes, kernel: kernel)
    try apply(name, [x, weights, bias]) {
      window.write(to: &$0)
      $0.int("group", group, default: 1)
    }
  }

  /// Whether an operator on windows has an attribute.
  func accepts(_ name: String, _ attribute: String, _ value: Attribute, in window: WindowAttributes)
    -> Bool
  {
    guard let type = OpCatalog.standard.type(qualifiedName: name) else { return false }
    var attributes = Attributes { $0[attribute] = value }
    window.write(to: &attributes)
    var reader = AttributeReader(attributes, opset: 28, inputCount: 1, outputCount: 1)
    return (try? type.init(&reader)) != nil && (try? reader.finish()) != nil
  }
}
