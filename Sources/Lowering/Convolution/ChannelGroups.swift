/// The channel groups of a convolution as its kernel runs them: several of the model's groups may run as one.
///
/// Groups narrower than a vector are merged into dense groups whose weights between different groups are zero:
/// wasted products, but whole vectors.
struct ChannelGroups: Hashable, Sendable {
  /// How many groups the kernel runs, all of one size.
  let count: Int
  /// Input and output channels of each.
  let inputs: Int
  let outputs: Int
  /// The first input and output channel of the first group, at the start of a vector.
  let firstInput: Int
  let firstOutput: Int
  /// The model's own groups inside each.
  private let merged: Int

  /// The groups of a convolution: as many as possible of one size, and what remains.
  ///
  /// - Precondition: `channels` and `filters` are multiples of `groups`.
  static func all(groups: Int, channels: Int, filters: Int, lanes: Int) -> [ChannelGroups] {
    let (inputs, outputs) = (channels / groups, filters / groups)
    // The fewest that together begin and end with a vector.
    let merged =
      groups == 1
      ? 1
      : (1...groups).first { $0 * inputs % lanes == 0 && $0 * outputs % lanes == 0 } ?? groups
    func run(_ first: Int, count: Int, merged: Int) -> ChannelGroups {
      ChannelGroups(
        count: count, inputs: merged * inputs, outputs: merged * outputs,
        firstInput: first * inputs, firstOutput: first * outputs, merged: merged)
    }
    let whole = groups / merged
    let rest = groups % merged
    return [run(0, count: whole, merged: merged)]
      + (rest > 0 ? [run(whole * merged, count: 1, merged: rest)] : [])
  }

  /// Columns of a matrix product as one group's outputs.
  init(columns: Range<Int>) {
    self.init(
      count: 1, inputs: 0, outputs: columns.count, firstInput: 0, firstOutput: columns.lowerBound,
      merged: 1)
  }

  private init(
    count: Int, inputs: Int, outputs: Int, firstInput: Int, firstOutput: Int, merged: Int
  ) {
    self.count = count
    self.inputs = inputs
    self.outputs = outputs
    self.firstInput = firstInput
    self.firstOutput = firstOutput
    self.merged = merged
  }

  /// The model's output channel, and the input channel inside its group; nil where no weight connects them.
  func place(group: Int, output: Int, input: Int) -> (output: Int, input: Int)? {
    guard output < outputs else { return nil }
    if merged == 1 { return (firstOutput + group * outputs + output, input) }
    let (ownInputs, ownOutputs) = (inputs / merged, outputs / merged)
    guard input / ownInputs == output / ownOutputs else { return nil }
    return (firstOutput + group * outputs + output, input % ownInputs)
  }
}
