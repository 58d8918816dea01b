import Foundation

/// How often elements of each size occurred, and the range that integers reach.
struct HistogramChart {
  let activation: QuantizationReport.Activation
  private static let width = 320.0
  private static let height = 96.0
  private static let base = 78.0

  /// The picture spans what was seen and what integers reach.
  private var span: ClosedRange<Double> {
    let low = min(activation.histogram.low, activation.low)
    let high = max(activation.histogram.high, activation.high)
    return low...(high > low ? high : low + 1)
  }

  private func place(_ value: Double) -> Double {
    (value - span.lowerBound) / (span.upperBound - span.lowerBound) * Self.width
  }

  var svg: String {
    let words =
      "Histogram of \(activation.name): seen \(Markup.compact(activation.minimum)) to "
      + "\(Markup.compact(activation.maximum)), range \(Markup.compact(activation.low)) to "
      + "\(Markup.compact(activation.high)), \(Markup.compact(100 * activation.clippedShare)) % clipped"
    return """
      <svg class="histogram" viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" aria-label="\(Markup.escape(words))">
      \((clipped + bars + marks + labels).joined(separator: "\n"))
      </svg>
      """
  }

  /// What lies outside of the range.
  private var clipped: [String] {
    [(0, place(activation.low)), (place(activation.high), Self.width)].compactMap { start, end in
      end - start > 0.5
        ? "<rect class=\"clipped\" x=\"\(Markup.place(start))\" y=\"0\" width=\"\(Markup.place(end - start))\" height=\"\(Markup.place(Self.base))\"/>"
        : nil
    }
  }

  private var bars: [String] {
    let histogram = activation.histogram
    guard !histogram.counts.isEmpty else { return [] }
    let step = (histogram.high - histogram.low) / Double(histogram.counts.count)
    let greatest = log1p(Double(histogram.counts.max() ?? 0))
    return histogram.counts.enumerated().compactMap { index, count in
      guard count > 0, greatest > 0 else { return nil }
      let start = place(histogram.low + Double(index) * step)
      let end = place(histogram.low + Double(index + 1) * step)
      let length = max(log1p(Double(count)) / greatest * (Self.base - 6), 1)
      return
        "<rect class=\"count\" x=\"\(Markup.place(start))\" y=\"\(Markup.place(Self.base - length))\""
        + " width=\"\(Markup.place(max(end - start - 0.4, 0.6)))\" height=\"\(Markup.place(length))\"/>"
    }
  }

  /// The bounds of the range.
  private var marks: [String] {
    [activation.low, activation.high].map { value in
      let at = min(max(place(value), 0.75), Self.width - 0.75)
      return
        "<line class=\"bound\" x1=\"\(Markup.place(at))\" y1=\"0\" x2=\"\(Markup.place(at))\" y2=\"\(Markup.place(Self.base))\"/>"
    } + [
      "<line class=\"axis\" x1=\"0\" y1=\"\(Markup.place(Self.base))\" x2=\"\(Markup.place(Self.width))\" y2=\"\(Markup.place(Self.base))\"/>"
    ]
  }

  private var labels: [String] {
    var parts = [
      (0, "start", Markup.compact(span.lowerBound)),
      (Self.width, "end", Markup.compact(span.upperBound)),
    ]
    let zero = place(0)
    if zero > 44, zero < Self.width - 44 { parts.append((zero, "middle", "0")) }
    return parts.map { at, anchor, text in
      "<text x=\"\(Markup.place(at))\" y=\"\(Markup.place(Self.height - 4))\" text-anchor=\"\(anchor)\">\(text)</text>"
    }
  }
}
