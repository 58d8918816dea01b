import IR
import Loops
import Ops
import Tensors

/// Some blocks of channels of a tensor in blocks, read where they lie.
struct ChosenBlocks: Hashable, Sendable {
  /// The number of each block in the tensor's memory.
  let numbers: [Int]
  /// Blocks of the tensor.
  let count: Int

  /// The blocks whose channels a constant lists, one behind the other; nil where it lists others than whole blocks of one image.
  init?(_ channels: Tensor, of shape: [IndexExpr], block: Int) {
    guard shape.count >= 3, shape[0] == 1, let extent = shape[1].value, channels.rank == 1,
      let places = channels.integers, !places.isEmpty, places.count % block == 0
    else { return nil }
    for (index, place) in places.enumerated() {
      let first = places[index - index % block]
      guard first % block == 0, place == first + index % block, place < extent, place >= 0 else {
        return nil
      }
    }
    numbers = stride(from: 0, to: places.count, by: block).map { places[$0] / block }
    count = (extent + block - 1) / block
  }

  /// The number in the tensor's memory of block `index`: a step wherever the next block is not the next one there.
  func place(of index: IndexExpr) -> IndexExpr {
    var place = index + IndexExpr(numbers[0])
    for (block, pair) in zip(numbers, numbers.dropFirst()).enumerated() {
      let step = pair.1 - pair.0 - 1
      if step == 0 { continue }
      let isBeyond = IndexExpr.max(0, .min(1, index - IndexExpr(block)))
      place += IndexExpr(step) * isBeyond
    }
    return place
  }
}

/// An operator that may only choose channels of its first input.
protocol BlockChoosing: Op {
  /// The blocks that it chooses by the numbers in its second input; nil where these are no whole blocks of channels.
  func chosenBlocks(_ numbers: Tensor?, of shape: [IndexExpr], block: Int) -> ChosenBlocks?
}

extension GraphLowering {
  /// The value that a node makes of blocks of another one; nil where it does something else.
  func blockView(_ node: Node, of value: ValueID) -> ValueID? {
    guard let op = node.op as? any BlockChoosing, node.inputs.first == value, node.inputs.count > 1,
      let shape = graph.tensorType(value)?.shape,
      op.chosenBlocks(graph.constant(node.inputs[1]), of: shape, block: block) != nil
    else { return nil }
    return node.outputs.first ?? nil
  }
}

extension NodeLowering {
  /// Makes output 0 a view of some blocks of a tensor in working memory.
  ///
  /// - Returns: false where the tensor lies elsewhere, or lacks the halo that the output's readers want.
  func makeBlockView(of whole: Placed, _ blocks: ChosenBlocks) -> Bool {
    guard fused == nil, let result = results.first ?? nil else { return false }
    return session.makeBlockView(result, of: whole, blocks)
  }
}

extension GraphLowering {
  fileprivate func makeBlockView(
    _ value: ValueID, of whole: Placed, _ blocks: ChosenBlocks
  ) -> Bool {
    let halos = demandedHalos(of: value, rank: whole.shape.count)
    guard case .arena = program.program.buffers[program.origin(of: whole.memory).memory].kind,
      whole.layout.chosen == nil, whole.layout.order == nil,
      Self.serves(whole.layout, Layout(block: whole.layout.block, halos: halos))
    else { return false }
    var shape = whole.shape
    shape[1] = IndexExpr(blocks.numbers.count * block)
    var layout = whole.layout
    layout.chosen = blocks
    places[value] = [
      Placed(memory: whole.memory, element: whole.element, shape: shape, layout: layout)
    ]
    return true
  }
}
