package import Diagnostics
import Loops
package import Ops
package import Tensors

extension Conv: Lowerable, HaloDemanding {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let x = try context.shape(0)
    let w = try context.shape(1)
    let geometry = try geometry(x: x, w: w)
    try context.requireConvolution(0, 1, bias: 2, group: group, geometry.axes)
    let kernel = try geometry.axes.map { axis throws(Diagnostic) in
      guard let extent = axis.kernel.value else {
        throw .unsupported("lowering.kernel-size", "the window's size is not known: \(w)")
      }
      return extent
    }
    let axes = geometry.axes.enumerated().map { number, axis in
      ConvolutionAxis(
        output: axis.output, kernel: kernel[number], stride: axis.stride,
        dilation: axis.dilation, padBefore: axis.padBegin)
    }
    guard let weights = context.constant(1), weights.type == .f32, let channels = x[1].value,
      !context.hasInput(2) || context.constant(2) != nil
    else {
      let sink = try context.output()
      return try DirectConvolution(
        axes: axes, kernel: kernel, group: group, input: context.plain(0),
        weights: context.plain(1), bias: context.hasInput(2) ? context.plain(2) : nil,
        sink: sink, isTransposed: false
      ).lower(context)
    }
    let values = weights.array(of: Float.self)
    let strides = weights.shape.rowMajorStrides
    let bias = context.constant(2)?.array(of: Float.self)
    let filters = weights.shape[0]
    let block = context.session.block
    let halos = Layout.channelHalo + zip(axes, x.dropFirst(2)).map { $0.halo(extent: $1) }
    if group == channels, filters == channels, group > 1 {
      let input = try context.input(0, block: block, halos: halos)
      return try DepthwiseConvolution(
        axes: axes, channels: channels, input: input, sink: context.output(block: block),
        weight: { channel, kernel in
          values[channel * strides[0] + dot(kernel, strides.dropFirst(2))]
        },
        bias: bias
      ).lower(context)
    }
    let groups = ChannelGroups(groups: group, channels: channels, filters: filters, lanes: block)
    // Images of few channels are read as they are: blocks would be mostly empty.
    let isNarrow = channels < block && !context.isBlocked(0) && groups.count == 1
    let input = try context.input(0, block: isNarrow ? nil : block, halos: halos)
    try TiledConvolution(
      axes: axes, groups: groups, input: input, sink: context.output(block: block),
      weight: { output, input, kernel in
        values[output * strides[0] + input * strides[1] + dot(kernel, strides.dropFirst(2))]
      },
      bias: bias
    ).lower(context)
  }

  package func inputHalos(_ shape: [IndexExpr], weights: [IndexExpr]?) -> [Layout.Halo]? {
    guard let weights, let geometry = try? geometry(x: shape, w: weights) else { return nil }
    var halos = Layout.channelHalo
    for axis in geometry.axes {
      guard let kernel = axis.kernel.value else { return nil }
      let run = ConvolutionAxis(
        output: axis.output, kernel: kernel, stride: axis.stride, dilation: axis.dilation,
        padBefore: axis.padBegin)
      halos.append(run.halo(extent: axis.input))
    }
    return halos
  }
}

extension Layout {
  /// No halo on the batch and channel axes.
  static let channelHalo = [Halo(before: 0, after: 0), Halo(before: 0, after: 0)]
}

/// The distance of a position, given strides.
func dot(_ position: [Int], _ strides: ArraySlice<Int>) -> Int {
  zip(position, strides).reduce(0) { $0 + $1.0 * $1.1 }
}
