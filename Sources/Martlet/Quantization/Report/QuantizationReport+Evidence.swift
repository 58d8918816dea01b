import Calibration
import Compression
import Passes
import Tensors

extension QuantizationReport.Layer {
  /// What is known of the layers besides what was measured of one.
  struct Context {
    /// Whether the user chose the method of ranges.
    let isMethodAsked: Bool
    let budget: Double
    let totalDamage: Double
    let floatTimes: [String: Double]
    let quantizedTimes: [String: Double]
    /// By node.
    let corrections: [String: [Float]]
  }

  init(
    _ node: QuantizationResult.NodeReport, _ evidence: NodeEvidence, place: Int, _ context: Context
  ) {
    name = node.name
    op = node.op
    self.place = place
    multiplyAccumulates = node.multiplyAccumulates
    damage = node.damage
    damageShare = context.totalDamage > 0 ? node.damage / context.totalDamage : 0
    wideDamage = evidence.wideDamage
    isolatedDecibels = evidence.isolated.decibels
    cumulativeDecibels = evidence.cumulative.decibels
    floatMilliseconds = context.floatTimes[node.name]
    quantizedMilliseconds = context.quantizedTimes[node.name]
    methodDamages = evidence.methodDamages.map {
      MethodDamage(method: $0.method.description, damage: $0.damage)
    }
    biasCorrection = context.corrections[node.name]?.map { Double($0.magnitude) }.max()
    let isWide = node.precision == .wide
    activations = evidence.activations.map {
      QuantizationReport.Activation($0, isMethodAsked: context.isMethodAsked, isWide: isWide)
    }
    weights = evidence.weights.map(QuantizationReport.Weight.init)
    switch node.precision {
    case .integer:
      bits = 8
      plannedDamage = node.damage
      reason =
        "alone it does \(Markup.compact(node.damage)) of the \(Markup.compact(context.budget)) that the budget allows"
    case .wide:
      let wide = evidence.wideDamage ?? node.damage
      bits = 16
      plannedDamage = wide
      reason =
        "\(Markup.compact(node.damage)) alone with 8 bits is beyond the budget, \(Markup.compact(wide)) with 16; "
        + "its work is more than may stay float"
    case .float(let found):
      bits = 32
      plannedDamage = 0
      reason = found
    }
  }
}

extension QuantizationReport.Activation {
  init(_ evidence: NodeEvidence.Activation, isMethodAsked: Bool, isWide: Bool) {
    let statistics = evidence.statistics
    let range = evidence.parameters.range
    name = evidence.name
    sharesScaleWith = evidence.shares
    minimum = Double(statistics.minimum)
    maximum = Double(statistics.maximum)
    (low, high) = range
    type = evidence.parameters.type.description
    scale = Double(evidence.parameters.scales[0])
    zeroPoint = evidence.parameters.zeroPoints[0]
    method = evidence.method.description
    reason =
      isWide
      ? "everything that was seen fits into 16 bits"
      : isMethodAsked ? "as asked" : "the least damage of the layers that read it"
    elementCount = Int(statistics.elementCount)
    // Half a step beyond the last integer still rounds to it.
    let half = Double(evidence.parameters.scales[0]) / 2
    let clipped = QuantizationReport.Counts.count(
      statistics, outside: range.low - half, range.high + half)
    clippedShare = elementCount > 0 ? Double(clipped) / Double(elementCount) : 0
    isConstant = statistics.isConstant
    histogram = QuantizationReport.Counts(statistics)
  }
}

extension QuantizationReport.Weight {
  init(_ evidence: NodeEvidence.Weight) {
    name = evidence.name
    shape = evidence.shape
    type = evidence.parameters.type.description
    axis = evidence.parameters.axis
    minimum = evidence.minimum
    maximum = evidence.maximum
    let magnitudes = evidence.channelMagnitudes
    channelMagnitudes = (0...4).compactMap { quarter in
      magnitudes.isEmpty ? nil : magnitudes[(magnitudes.count - 1) * quarter / 4]
    }
    leastScale = Double(evidence.parameters.scales.min() ?? 0)
    greatestScale = Double(evidence.parameters.scales.max() ?? 0)
    decibels = evidence.noise.decibels
  }
}

extension QuantizationReport.Counts {
  /// How many bars there are.
  private static let barCount = 64

  /// The bins of a histogram gathered into bars from the least to the greatest element.
  init(_ statistics: ValueStatistics) {
    let (least, greatest) = (Double(statistics.minimum), Double(statistics.maximum))
    low = min(least, 0)
    high = max(greatest, 0)
    zeroCount = Int(statistics.histogram.zeroCount)
    guard high > low else {
      counts = []
      return
    }
    var bars = Array(repeating: 0, count: Self.barCount)
    for (place, count) in Self.bins(statistics) {
      let bar = Int((place - low) / (high - low) * Double(Self.barCount))
      bars[min(max(bar, 0), Self.barCount - 1)] += Int(count)
    }
    counts = bars
  }

  /// How many elements lie outside of a range, as far as bins tell: a bin lies where its middle does.
  static func count(_ statistics: ValueStatistics, outside low: Double, _ high: Double) -> Int {
    bins(statistics).reduce(0) { sum, bin in
      bin.place < low || bin.place > high ? sum + Int(bin.count) : sum
    }
  }

  /// The middles of the bins that are not empty, within the extremes; zeros are not among them.
  private static func bins(_ statistics: ValueStatistics) -> [(place: Double, count: UInt64)] {
    let width = statistics.histogram.width
    let (least, greatest) = (Double(statistics.minimum), Double(statistics.maximum))
    func bins(_ side: [UInt64], _ sign: Double) -> [(place: Double, count: UInt64)] {
      side.enumerated().compactMap { index, count in
        let middle = sign * (Double(index) + 0.5) * width
        return count > 0 ? (min(max(middle, least), greatest), count) : nil
      }
    }
    return bins(statistics.histogram.negative, -1) + bins(statistics.histogram.positive, 1)
  }
}
