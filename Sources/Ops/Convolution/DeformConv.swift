package import Diagnostics
package import IR
package import Tensors

/// A convolution over images that reads every kernel element at an offset of its own, between elements bilinearly, and
/// weighs it with a mask.
///
/// - Inputs: `X` `[N, C, H, W]`, `W` `[M, C / group, kH, kW]`, `offset` `[N, offset_group * kH * kW * 2, oH, oW]` (rows,
///   then columns), optional `B` `[M]`, optional `mask` `[N, offset_group * kH * kW, oH, oW]`. Output: `Y` `[N, M, oH, oW]`.
/// - Errors: those of `Conv`; `shape.offset`; `unsupported.rank` for other than two spatial axes.
/// - Source: ONNX DeformConv-22 (versions 19, 22); Zhu et al. 2018, arXiv:1811.11168.
package struct DeformConv: TensorOp {
  package static let schema = OpSchema(
    "DeformConv", versions: [19, 22],
    inputs: [
      .required("X", "T"), .required("W", "T"), .required("offset", "T"), .optional("B", "T"),
      .optional("mask", "T"),
    ],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  package var group: Int
  package var offsetGroup: Int
  package var window: WindowAttributes

  package init(
    group: Int = 1, offsetGroup: Int = 1, window: WindowAttributes = WindowAttributes()
  ) {
    self.group = group
    self.offsetGroup = offsetGroup
    self.window = window
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    group = try attributes.int("group", default: 1)
    offsetGroup = try attributes.int("offset_group", default: 1)
    window = try WindowAttributes(&attributes)
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("group", group, default: 1)
      $0.int("offset_group", offsetGroup, default: 1)
      window.write(to: &$0)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let x = try context.shape(0)
    let w = try context.shape(1)
    let bias = context.hasInput(3) ? try context.shape(3) : nil
    return [.tensor(try context.element(0), [x[0], w[0]] + (try geometry(x, w, bias)).output)]
  }

  package func geometry(
    _ x: [IndexExpr], _ w: [IndexExpr], _ bias: [IndexExpr]?
  ) throws(Diagnostic) -> WindowGeometry {
    guard x.count == 4 else {
      throw .unsupported(
        "unsupported.rank", "input has rank \(x.count); only images (rank 4) are supported")
    }
    guard offsetGroup >= 1, (x[1].value ?? 0) % max(offsetGroup, 1) == 0 else {
      throw Diagnostic(
        "attribute.group", "\(x[1]) channels do not divide into \(offsetGroup) offset groups")
    }
    return try Conv(group: group, window: window).geometry(x: x, w: w, bias: bias)
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let w = inputs[1]
    let bias = inputs.optional(3)
    let axes = try geometry(
      x.symbolicShape, w.symbolicShape, bias?.symbolicShape
    ).resolved()
    let sizes = axes.map(\.output)
    let kernelCount = axes[0].kernel * axes[1].kernel
    let points = offsetGroup * kernelCount
    let expected = [x.shape[0], 2 * points] + sizes
    let mask = inputs.optional(4)
    guard inputs[2].shape == expected, mask == nil || mask?.shape == [x.shape[0], points] + sizes
    else {
      throw Diagnostic(
        "shape.offset", "offset has shape \(inputs[2].shape), expected \(expected)")
    }
    let samples = gather(x, inputs[2].doubles, mask?.doubles, axes)
    // What is left is a product of the weights with the gathered columns.
    let plane = sizes.elementCount
    let perGroup = w.shape[1] * kernelCount
    let filters = w.shape[0] / group
    let product = MatrixProduct(rows: filters, depth: perGroup, columns: plane)
    let shape = [x.shape[0], w.shape[0]] + sizes
    var y = Array(repeating: 0.0, count: shape.elementCount)
    if let bias = bias?.doubles {
      for index in y.indices { y[index] = bias[index / plane % w.shape[0]] }
    }
    let weights = w.doubles
    for n in 0..<x.shape[0] {
      for g in 0..<group {
        product.add(
          weights, .rowMajor(columns: perGroup, offset: g * filters * perGroup), samples,
          .rowMajor(columns: plane, offset: (n * group + g) * perGroup * plane), to: &y,
          at: (n * group + g) * filters * plane)
      }
    }
    return [Tensor(doubles: y, shape: shape, type: x.type)]
  }

  /// The sampled and masked inputs as `[N, C, kernel elements, output positions]`.
  private func gather(
    _ x: Tensor, _ offsets: [Double], _ mask: [Double]?, _ axes: [StaticWindowAxis]
  ) -> [Double] {
    let values = x.doubles
    let channels = x.shape[1]
    let image = BilinearImage(rows: x.shape[2], columns: x.shape[3])
    let plane = axes[0].output * axes[1].output
    let kernel = GridPositions(axes.map(\.kernel)).all
    let positions = GridPositions(axes.map(\.output)).all
    var samples: [Double] = []
    samples.reserveCapacity(x.shape[0] * channels * kernel.count * plane)
    for n in 0..<x.shape[0] {
      for c in 0..<channels {
        let block = (n * offsetGroup + c / (channels / offsetGroup)) * kernel.count
        let origin = (n * channels + c) * image.count
        for (k, tap) in kernel.enumerated() {
          for (p, position) in positions.enumerated() {
            let row = offsets[(2 * (block + k)) * plane + p]
            let column = offsets[(2 * (block + k) + 1) * plane + p]
            let sample = image.sample(
              values, from: origin, Double(axes[0].position(position[0], tap[0])) + row,
              Double(axes[1].position(position[1], tap[1])) + column)
            samples.append(sample * (mask?[(block + k) * plane + p] ?? 1))
          }
        }
      }
    }
    return samples
  }
}
