import IR
import Tensors

/// How far a quantized model's outputs are from the float model's, accumulated over samples; 0 where they are equal.
///
/// An output of rank 2 that classifies is compared by the mean Kullback-Leibler divergence of its rows' distributions.
/// Any other is compared channel by channel: the mean squared error over the variance of the float output, at most 1,
/// averaged over the channels, so that one channel of large numbers cannot hide the others.
struct OutputMeasure {
  /// How an output is compared.
  enum Kind: Sendable {
    case probabilities
    case logits
    /// The axis of the channels.
    case channels(axis: Int)
  }

  private let kinds: [ValueID: Kind]
  private var divergence: [ValueID: (sum: Double, rows: Int)] = [:]
  private var channels: [ValueID: [ChannelError]] = [:]

  /// What is summed per channel.
  private struct ChannelError {
    var squaredError = 0.0
    var sum = 0.0
    var squares = 0.0
    var count = 0
  }

  init(_ kinds: [ValueID: Kind]) { self.kinds = kinds }

  /// Whether every output is a distribution.
  var isDivergence: Bool {
    kinds.values.allSatisfy { if case .channels = $0 { false } else { true } }
  }

  /// Decides how outputs are compared from the float outputs of some samples.
  static func kinds(_ outputs: [ValueID: [Tensor]]) -> [ValueID: Kind] {
    outputs.compactMapValues { samples in
      guard let first = samples.first, first.type == .f32, first.elementCount > 0 else {
        return nil
      }
      if first.rank == 2, first.shape[1] > 1 {
        if samples.allSatisfy(isDistribution) { return .probabilities }
        if samples.map(confidence).reduce(0, +) / Double(samples.count) > leastConfidence {
          return .logits
        }
      }
      return .channels(axis: channelAxis(samples))
    }
  }

  /// Scores whose softmax is no more certain than this, on average, are no logits.
  private static let leastConfidence = 0.5

  private static func rows(_ tensor: Tensor) -> [ArraySlice<Double>] {
    let values = tensor.doubles
    let length = tensor.shape[1]
    return stride(from: 0, to: values.count, by: length).map { values[$0..<$0 + length] }
  }

  private static func isDistribution(_ tensor: Tensor) -> Bool {
    rows(tensor).allSatisfy { row in
      row.allSatisfy { $0 >= 0 } && (row.reduce(0, +) - 1).magnitude < 1e-3
    }
  }

  private static func softmax(_ row: ArraySlice<Double>) -> [Double] {
    let greatest = row.max() ?? 0
    let powers = row.map { ($0 - greatest).exponential }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  private static func confidence(_ tensor: Tensor) -> Double {
    let rows = rows(tensor)
    return rows.map { softmax($0).max() ?? 0 }.reduce(0, +) / Double(max(rows.count, 1))
  }

  /// The axis whose places differ most in their means, for what part of the variance these explain; the batch's is none.
  private static func channelAxis(_ samples: [Tensor]) -> Int {
    guard let first = samples.first, first.rank > 1 else { return 0 }
    if first.rank == 4 { return 1 }
    let values = first.doubles
    let strides = first.shape.rowMajorStrides
    let spreads = (1..<first.rank).map { axis in
      let length = first.shape[axis]
      var sums = Array(repeating: 0.0, count: length)
      for index in values.indices { sums[index / strides[axis] % length] += values[index] }
      let share = Double(values.count / length)
      let means = sums.map { $0 / share }
      let mean = means.reduce(0, +) / Double(length)
      // Few places explain less by chance than many do.
      return means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(length - 1, 1))
    }
    return 1 + (spreads.indices.max { spreads[$0] < spreads[$1] } ?? 0)
  }

  /// Adds one sample.
  mutating func add(_ found: [ValueID: Value], expected: [ValueID: Value]) {
    for (id, kind) in kinds {
      guard let reference = expected[id]?.tensor else { continue }
      let actual = found[id]?.tensor ?? reference
      guard actual.shape == reference.shape else { continue }
      switch kind {
      case .probabilities:
        add(id, zip(Self.rows(reference), Self.rows(actual)).map { (Array($0), Array($1)) })
      case .logits:
        add(
          id,
          zip(Self.rows(reference), Self.rows(actual)).map {
            (Self.softmax($0), Self.softmax($1))
          })
      case .channels(let axis): add(id, reference, actual, axis)
      }
    }
  }

  private mutating func add(_ id: ValueID, _ rows: [([Double], [Double])]) {
    for (p, q) in rows {
      var sum = 0.0
      for (a, b) in zip(p, q) where a > 0 { sum += a * (a / max(b, 1e-12)).logarithm }
      divergence[id, default: (0, 0)].sum += sum.isFinite ? max(sum, 0) : 100
      divergence[id, default: (0, 0)].rows += 1
    }
  }

  private mutating func add(_ id: ValueID, _ reference: Tensor, _ actual: Tensor, _ axis: Int) {
    let length = reference.rank == 0 ? 1 : reference.shape[axis]
    let stride = reference.rank == 0 ? 1 : reference.shape.rowMajorStrides[axis]
    var errors = channels[id] ?? Array(repeating: ChannelError(), count: length)
    guard errors.count == length else { return }
    reference.withSpan(of: Float.self) { p in
      actual.withSpan(of: Float.self) { q in
        for index in p.indices {
          let channel = index / stride % length
          let value = Double(p[index])
          let error = Double(q[index]) - value
          errors[channel].squaredError += error.isFinite ? error * error : 1e30
          errors[channel].sum += value
          errors[channel].squares += value * value
          errors[channel].count += 1
        }
      }
    }
    channels[id] = errors
  }

  /// The mean over the outputs.
  var damage: Double {
    var sum = 0.0
    for id in kinds.keys.sorted() {
      if let found = divergence[id] { sum += found.sum / Double(max(found.rows, 1)) }
      if let found = channels[id] { sum += Self.relativeError(found) }
    }
    return sum / Double(max(kinds.count, 1))
  }

  private static func relativeError(_ channels: [ChannelError]) -> Double {
    let parts = channels.map { channel in
      let count = Double(max(channel.count, 1))
      let mean = channel.sum / count
      return (
        error: channel.squaredError / count, variance: max(channel.squares / count - mean * mean, 0)
      )
    }
    // A channel that hardly varies is held against the others' variance.
    let floor = (parts.map(\.variance).max() ?? 0) * 1e-6 + 1e-12
    return parts.reduce(0) { $0 + min($1.error / max($1.variance, floor), 1) }
      / Double(max(parts.count, 1))
  }
}
