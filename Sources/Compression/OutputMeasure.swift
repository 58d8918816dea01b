import IR
import Tensors

/// How far a quantized model's outputs are from the float model's, accumulated over samples; 0 where they are equal.
///
/// Class distributions are compared by the mean Kullback-Leibler divergence. Any other output is compared channel by
/// channel: the mean squared error over the variance of the float output, at most 1, averaged over the channels, so
/// that one channel of large numbers cannot hide the others.
struct OutputMeasure {
  let kinds: [ValueID: OutputKind]
  private var divergence: [ValueID: (sum: Double, rows: Int)] = [:]
  private var channels: [ValueID: [ChannelError]] = [:]

  /// What is summed per channel.
  private struct ChannelError {
    var squaredError = 0.0
    var sum = 0.0
    var squares = 0.0
    var count = 0

    mutating func add(_ value: Double, error: Double) {
      // What is no number any more is worse than any error.
      squaredError += error.isFinite ? error * error : 1e30
      sum += value
      squares += value * value
      count += 1
    }
  }

  /// The divergence of a distribution with no numbers in it.
  private static let largestDivergence = 100.0

  init(_ kinds: [ValueID: OutputKind]) { self.kinds = kinds }

  /// Whether every output is a distribution.
  var isDivergence: Bool {
    kinds.values.allSatisfy { if case .channels = $0 { false } else { true } }
  }

  /// Adds one sample; an output that `found` lacks is as expected.
  mutating func add(_ found: [ValueID: Value], expected: [ValueID: Value]) {
    for (id, kind) in kinds {
      guard let reference = expected[id]?.tensor else { continue }
      let actual = found[id]?.tensor ?? reference
      guard actual.shape == reference.shape else { continue }
      switch kind {
      case .classes(let axis, let areLogits): add(id, reference, actual, axis, areLogits)
      case .channels(let axis): add(id, reference, actual, axis)
      }
    }
  }

  private mutating func add(
    _ id: ValueID, _ reference: Tensor, _ actual: Tensor, _ axis: Int, _ areLogits: Bool
  ) {
    var total = divergence[id] ?? (0, 0)
    for (a, b) in zip(OutputKind.rows(reference, axis), OutputKind.rows(actual, axis)) {
      let p = areLogits ? OutputKind.softmax(a) : a
      let q = areLogits ? OutputKind.softmax(b) : b
      var sum = 0.0
      for (a, b) in zip(p, q) where a > 0 { sum += a * (a / max(b, 1e-12)).logarithm }
      total.sum += sum.isFinite ? max(sum, 0) : Self.largestDivergence
      total.rows += 1
    }
    divergence[id] = total
  }

  private mutating func add(_ id: ValueID, _ reference: Tensor, _ actual: Tensor, _ axis: Int) {
    let length = reference.rank == 0 ? 1 : reference.shape[axis]
    let stride = reference.rank == 0 ? 1 : reference.shape.rowMajorStrides[axis]
    var errors = channels[id] ?? Array(repeating: ChannelError(), count: length)
    guard errors.count == length else { return }
    reference.withSpan(of: Float.self) { p in
      actual.withSpan(of: Float.self) { q in
        for index in p.indices {
          let value = Double(p[index])
          errors[index / stride % length].add(value, error: Double(q[index]) - value)
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
        error: channel.squaredError / count,
        variance: max(channel.squares / count - mean * mean, 0)
      )
    }
    // A channel that hardly varies is held against the others' variance.
    let floor = (parts.map(\.variance).max() ?? 0) * 1e-6 + 1e-12
    let sum = parts.reduce(0) { $0 + min($1.error / max($1.variance, floor), 1) }
    return sum / Double(max(parts.count, 1))
  }
}
