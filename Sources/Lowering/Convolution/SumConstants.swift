import Tensors

/// What sums of a convolution or product begin with, and what they are multiplied by when they are complete; per output
/// channel or column.
struct SumConstants {
  enum Values {
    case floats([Float])
    case integers([Int32])
  }

  /// Of the type of the sums; nil for zeros.
  var bias: Values?
  /// Nil for sums that are results as they are.
  var multipliers: Values?
}

/// Constants per output channel in the order in which panels of register tiles meet them.
struct PanelRows {
  let groups: ChannelGroups
  /// The channel blocks of every group.
  let blocks: Range<Int>
  let perTile: Int
  let lanes: Int

  /// `[group * panels + panel, block * lanes + lane]`, zeros for channels that are none.
  func pack(_ values: SumConstants.Values, _ context: NodeLowering) -> Placed {
    let shape = [groups.count * blocks.count / perTile, perTile * lanes]
    return switch values {
    case .floats(let values): context.packed(Tensor(spread(values, zero: 0), shape: shape))
    case .integers(let values): context.packed(Tensor(spread(values, zero: 0), shape: shape))
    }
  }

  private func spread<T>(_ values: [T], zero: T) -> [T] {
    (0..<groups.count).flatMap { group in
      (blocks.lowerBound * lanes..<blocks.upperBound * lanes).map { channel in
        channel < groups.outputs
          ? values[groups.firstOutput + group * groups.outputs + channel] : zero
      }
    }
  }
}

extension PanelRows {
  /// For a range of a product's columns.
  init(columns: Range<Int>, perTile: Int, lanes: Int) {
    let width = perTile * lanes
    let panels = (columns.count + width - 1) / width
    self.init(
      groups: ChannelGroups(columns: columns), blocks: 0..<panels * perTile, perTile: perTile,
      lanes: lanes)
  }
}
