import Tensors

/// Convolution weights in the order in which register tiles read them.
///
/// `[panel][row][block * lanes + lane]`: a panel holds `blocks * lanes` output channels; rows follow
/// `RegisterTile.reduction`: chunks of input channels, taps, channels inside the chunk. Missing channels are zero.
struct PackedWeights {
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
  ///   - taps: how many taps the window has.
  ///   - weight: the weight for an output channel, an input channel and a tap.
  func pack(taps: Int, _ weight: (Int, Int, Int) -> Float) -> Tensor {
    let width = blocks * lanes
    let rows = inputChannels * taps
    var packed = Array(repeating: Float(0), count: panelCount * rows * width)
    for panel in 0..<panelCount {
      for column in 0..<width {
        let output = outputChannels.lowerBound + panel * width + column
        guard output < outputChannels.upperBound else { continue }
        for input in 0..<inputChannels {
          let base = input / chunk * chunk
          let size = min(chunk, inputChannels - base)
          for tap in 0..<taps {
            let row = base * taps + tap * size + (input - base)
            packed[(panel * rows + row) * width + column] = weight(output, input, tap)
          }
        }
      }
    }
    return Tensor(packed, shape: [panelCount, rows, width])
  }
}
