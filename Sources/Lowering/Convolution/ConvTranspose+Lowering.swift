package import Diagnostics
import Loops
package import Ops
import Tensors

extension ConvTranspose: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let x = try context.shape(0)
    let w = try context.shape(1)
    let geometry = try geometry(x: x, w: w)
    try context.requireConvolution(
      0, 1, bias: 2, group: group, geometry.axes, isTransposed: true)
    guard geometry.axes.allSatisfy({ $0.kernel.isConstant && $0.padBegin.isConstant }) else {
      context.note("scalar: the window's size or padding is open")
      return try OpenWindowConvolution(
        axes: geometry.axes, group: group, input: context.plain(0), weights: context.plain(1),
        bias: context.hasInput(2) ? context.plain(2) : nil, sink: context.output(),
        isTransposed: true
      ).lower(context)
    }
    let phases = try phases(geometry)
    guard let weights = context.constant(1), weights.type == .f32, let channels = x[1].value,
      !context.hasInput(2) || context.constant(2) != nil
    else {
      let sink = try context.output()
      let (input, kernel) = try (context.plain(0), context.plain(1))
      let bias = context.hasInput(2) ? try context.plain(2) : nil
      for axes in phases {
        try DirectConvolution(
          axes: axes, kernel: axes.map(\.tapCount), group: group, input: input, weights: kernel,
          bias: bias, sink: sink, isTransposed: true
        ).lower(context)
      }
      return
    }
    let block = context.session.block
    let filters = weights.shape[1] * group
    let runs = ChannelGroups.all(groups: group, channels: channels, filters: filters, lanes: block)
    let halos = phases.reduce([]) { halos, axes in
      GraphLowering.union(
        halos, Layout.channelHalo + zip(axes, x.dropFirst(2)).map { $0.halo(extent: $1) })
    }
    let isNarrow = channels < block && !context.isBlocked(0) && group == 1
    let input = try context.input(0, block: isNarrow ? nil : block, halos: halos)
    let sink = try context.output(block: block)
    let strides = weights.shape.rowMajorStrides
    let (ownInputs, ownOutputs) = (channels / group, filters / group)
    let own = ConvolutionWeights(weights, kernelStrides: Array(strides.dropFirst(2))) {
      output, input in
      let row = output / ownOutputs * ownInputs + input
      return row * strides[0] + output % ownOutputs * strides[1]
    }
    for axes in phases where axes.allSatisfy({ $0.count != 0 }) {
      for groups in runs {
        try TiledConvolution(
          axes: axes, groups: groups, input: input, sink: sink, weights: own,
          constants: SumConstants(
            bias: context.constant(2).map { .floats($0.array(of: Float.self)) })
        ).lower(context)
      }
    }
  }

  /// The axes of every phase: outputs that are the same modulo the strides are an ordinary convolution.
  func phases(_ geometry: WindowGeometry) throws(Diagnostic) -> [[ConvolutionAxis]] {
    var phases: [[ConvolutionAxis]] = [[]]
    for axis in geometry.axes {
      guard let kernel = axis.kernel.value, let pad = axis.padBegin.value else {
        throw .unsupported(
          "lowering.kernel-size", "the window's size or padding is not known at compile time")
      }
      phases = phases.flatMap { known in
        (0..<axis.stride).map { phase in
          known + [
            ConvolutionAxis(
              transposedOutput: axis.output, kernel: kernel, stride: axis.stride,
              dilation: axis.dilation, padBefore: pad, phase: phase)
          ]
        }
      }
    }
    return phases
  }
}
