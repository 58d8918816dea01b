import Tensors

/// Convolution weights in the order in which register tiles read them.
///
/// `[panel][row][block * lanes + lane]`: a panel holds `blocks * lanes` output channels; rows follow
/// `RegisterTile.reduction`: chunks of input channels, taps, channels inside the chunk. Missing channels are zero.
struct PackedWeights: Sendable {
  /// Output channels of all panels, in order; beyond the last one zero.
  let outputChannels: Range<Int>
  let inputChannels: Int
  let chunk: Int
  let blocks: Int
  let lanes: Int

  var panelCount: Int {
    (outputChannels.count + blocks * lanes - 1) / (blocks * lanes)
  }

  /// - Parameters:
  ///   - weights: values of type f32, with which every weight is multiplied by `factor`.
  ///   - taps: for each tap of the window, how far its weight is from the first one.
  ///   - place: where the weight of the first tap is, for an output and an input channel; nil where there is none.
  func pack(
    _ weights: Tensor, taps: [Int], factor: Float = 1,
    place: @Sendable (_ output: Int, _ input: Int) -> Int?
  ) -> Tensor {
    let width = blocks * lanes
    let rows = inputChannels * taps.count
    return Tensor(of: Float.self, shape: [panelCount, rows, width], partSize: rows * width) {
      panel, packed in
      weights.withSpan(of: Float.self) { values in
        pack(values, taps: taps, factor: factor, place: place, panel: panel, into: &packed)
      }
    }
  }

  /// Writes one panel.
  private func pack(
    _ values: Span<Float>, taps: [Int], factor: Float, place: (Int, Int) -> Int?, panel: Int,
    into packed: inout MutableSpan<Float>
  ) {
    let width = blocks * lanes
    let first = outputChannels.lowerBound + panel * width
    let count = min(width, outputChannels.upperBound - first)
    for input in 0..<inputChannels {
      let base = input / chunk * chunk
      let size = min(chunk, inputChannels - base)
      let row = base * taps.count + input - base
      for column in 0..<count {
        guard let start = place(first + column, input) else { continue }
        var to = row * width + column
        for tap in taps {
          packed[to] = factor * values[start + tap]
          to += size * width
        }
      }
    }
  }
}
