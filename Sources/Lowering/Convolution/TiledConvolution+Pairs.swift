import Diagnostics
import Loops
import Tensors

/// Inputs as pairs of bf16, which one instruction multiplies and adds: Intel's `vdpbf16ps`.
extension TiledConvolution {
  /// Whether a run of groups can be computed so: every pair is of one group.
  static func claimsPairs(_ groups: ChannelGroups, for target: Target) -> Bool {
    let lanes = target.lanes(.f32)
    return target.hasPairDot && groups.inputs % 2 == 0 && groups.inputs >= lanes
      && groups.firstInput % lanes == 0
  }

  /// The input, halo and all, with two neighbouring channels of a block in each element.
  func pairs(_ context: NodeLowering) throws(Diagnostic) -> Placed {
    let stored = input.layout.storedShape(input.shape)
    let rounded = context.temporary(.bf16, stored)
    let flat = Placed(memory: input.memory, element: .f32, shape: stored, layout: .plain)
    let builder = context.builder()
    let body = try Nest.over(rounded, builder) { position throws(Diagnostic) in
      let value = builder.view(flat).load(position).converted(to: .bf16)
      return [builder.view(rounded, isWritten: true).store(value, at: position)]
    }
    context.launch("pairs", builder, body, work: stored.reduce(2, *))
    var shape = input.shape
    shape[1] = shape[1].floorDiv(2)
    var layout = input.layout
    layout.block = (layout.block ?? 2) / 2
    return Placed(memory: rounded.memory, element: .i32, shape: shape, layout: layout)
  }
}
