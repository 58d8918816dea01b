import Tensors

/// How the two forms of an output are compared.
enum OutputKind: Sendable, Equatable {
  /// Distributions over the places along an axis; logits become ones through a softmax.
  case classes(axis: Int, areLogits: Bool)
  /// Numbers whose channels lie along an axis.
  case channels(axis: Int)

  /// Scores whose softmax is less certain than this, on average, are no logits.
  private static let leastConfidence = 0.5
  /// A row is looked at at most this often per sample.
  private static let largestRowCount = 4096

  /// Decides from the float outputs of some samples; nil for what cannot be compared.
  init?(_ samples: [Tensor]) {
    guard let first = samples.first, first.type == .f32, first.elementCount > 0 else { return nil }
    // A vector of scores may have further dimensions, all of length 1.
    let long = first.shape.indices.dropFirst().filter { first.shape[$0] > 1 }
    let axes = long.count == 1 ? long : long.filter { $0 == 1 || $0 == first.rank - 1 }
    if let axis = axes.first(where: { axis in
      samples.allSatisfy { Self.isDistribution($0, axis) }
    }) {
      self = .classes(axis: axis, areLogits: false)
      return
    }
    let certain = axes.map { axis in
      (
        axis: axis,
        confidence: samples.map { Self.confidence($0, axis) }.reduce(0, +) / Double(samples.count)
      )
    }.max { $0.confidence < $1.confidence }
    if let certain, certain.confidence > Self.leastConfidence {
      self = .classes(axis: certain.axis, areLogits: true)
    } else {
      self = .channels(axis: Self.channelAxis(first))
    }
  }

  /// The numbers along an axis, for the places of all other axes or some of them, evenly spread.
  static func rows(_ tensor: Tensor, _ axis: Int) -> [[Double]] {
    let length = tensor.shape[axis]
    let stride = tensor.shape.rowMajorStrides[axis]
    let count = tensor.elementCount / max(length, 1)
    let step = max(1, (count + largestRowCount - 1) / largestRowCount)
    return tensor.withSpan(of: Float.self) { elements in
      Swift.stride(from: 0, to: count, by: step).map { row in
        let start = row / stride * stride * length + row % stride
        return (0..<length).map { Double(elements[start + $0 * stride]) }
      }
    }
  }

  /// How many distributions or vectors of channels one sample's output has.
  func rowCount(_ sample: Tensor?) -> Int? {
    guard let sample else { return nil }
    switch self {
    case .classes(let axis, _), .channels(let axis):
      return sample.rank == 0 ? 1 : sample.elementCount / max(sample.shape[axis], 1)
    }
  }

  static func softmax(_ row: [Double]) -> [Double] {
    let greatest = row.max() ?? 0
    let powers = row.map { ($0 - greatest).exponential }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  private static func isDistribution(_ tensor: Tensor, _ axis: Int) -> Bool {
    rows(tensor, axis).allSatisfy { row in
      row.allSatisfy { $0 >= 0 } && (row.reduce(0, +) - 1).magnitude < 1e-3
    }
  }

  /// The mean of the greatest probability.
  private static func confidence(_ tensor: Tensor, _ axis: Int) -> Double {
    let rows = rows(tensor, axis)
    return rows.map { softmax($0).max() ?? 0 }.reduce(0, +) / Double(max(rows.count, 1))
  }

  /// Axis 1 of images; otherwise the one whose places differ most in their means.
  private static func channelAxis(_ tensor: Tensor) -> Int {
    guard tensor.rank > 1 else { return 0 }
    if tensor.rank == 4 { return 1 }
    let spreads = (1..<tensor.rank).map { axis in
      let length = tensor.shape[axis]
      var sums = Array(repeating: 0.0, count: length)
      tensor.addChannelSums(axis: axis, to: &sums)
      let means = sums.map { $0 / Double(tensor.elementCount / length) }
      let mean = means.reduce(0, +) / Double(length)
      return means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(length - 1, 1))
    }
    return 1 + (spreads.indices.max { spreads[$0] < spreads[$1] } ?? 0)
  }
}
