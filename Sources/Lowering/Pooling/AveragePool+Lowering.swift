package import Diagnostics
package import Loops
package import Ops
package import Tensors

extension AveragePool: Lowerable, HaloDemanding {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let x = try context.shape(0)
    let geometry = try geometry(x: x)
    let element = try context.element(0)
    let kernel = geometry.axes.compactMap(\.kernel.value)
    let block = context.session.block
    if element == .f32, geometry.axes.allSatisfy({ $0.dilation == 1 }),
      kernel.count == geometry.axes.count, kernel.reduce(1, *) <= 128,
      context.isBlocked(0) || (x[1].value ?? 0) >= block,
      let halos = inputHalos(x, weights: nil, for: context.target)
    {
      let input = try context.input(0, block: block, halos: halos)
      return try WindowPool(
        kind: .average(countIncludePad: countIncludePad), axes: geometry.axes, kernel: kernel,
        input: input, sink: context.output(block: block)
      ).lower(context)
    }
    let state: ElementType = element == .f64 ? .f64 : .f32
    let includesPadding = countIncludePad
    try DirectPool(
      axes: geometry.axes, input: context.plain(0), sink: context.output(),
      fold: .init(
        initial: .zero(state), state: state, step: { .binary(.add, $0, $1) },
        finish: { .binary(.div, $0, includesPadding ? $2 : $1) })
    ).lower(context)
  }

  package func inputHalos(
    _ shape: [IndexExpr], weights: [IndexExpr]?, for target: Target
  ) -> [Layout.Halo]? {
    guard let geometry = try? geometry(x: shape) else { return nil }
    var halos = Layout.channelHalo
    for axis in geometry.axes {
      guard let kernel = axis.kernel.value else { return nil }
      halos.append(
        ConvolutionAxis(
          output: axis.output, kernel: kernel, stride: axis.stride, dilation: axis.dilation,
          padBefore: axis.padBegin
        ).halo(extent: axis.input))
    }
    return halos
  }
}
