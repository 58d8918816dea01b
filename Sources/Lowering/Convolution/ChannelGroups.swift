/// The channel groups of a convolution as its kernel runs them: several of the model's groups may run as one.
///
/// Groups narrower than a vector are merged into one dense group whose weights between different groups are zero:
/// wasted products, but whole vectors.
struct ChannelGroups: Hashable, Sendable {
  /// How many groups the kernel runs.
  let count: Int
  /// Input and output channels of each.
  let inputs: Int
  let outputs: Int
  /// The model's own groups inside each.
  private let merged: Int

  /// - Precondition: `channels` and `filters` are multiples of `groups`.
  init(groups: Int, channels: Int, filters: Int, lanes: Int) {
    let (ownInputs, ownOutputs) = (channels / groups, filters / groups)
    var merged = 1
    while merged < groups,
      groups % merged != 0 || merged * ownInputs % lanes != 0 || merged * ownOutputs % lanes != 0
    {
      merged += 1
    }
    self.merged = merged
    count = groups / merged
    inputs = ownInputs * merged
    outputs = ownOutputs * merged
  }

  /// The model's output channel, and the input channel inside its group; nil where no weight connects them.
  func place(group: Int, output: Int, input: Int) -> (output: Int, input: Int)? {
    let (ownInputs, ownOutputs) = (inputs / merged, outputs / merged)
    guard output < outputs, input / ownInputs == output / ownOutputs else { return nil }
    return (group * outputs + output, input % ownInputs)
  }
}
