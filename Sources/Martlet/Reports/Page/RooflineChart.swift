import Foundation

/// Steps between the limits of the machine: operations per byte against operations per second, both logarithmic.
///
/// Source: Williams, Waterman and Patterson 2009, Communications of the ACM 52(4).
struct RooflineChart {
  let profile: Profile
  let palette: Palette
  let width: Double
  let height: Double
  /// A class for the style sheet, which shows the chart that fits the screen.
  let style: String

  private struct Point {
    let step: Profile.Step
    let load: Profile.Load
  }

  /// An axis in powers of ten.
  private struct Axis {
    /// Logarithms of the least and the greatest value.
    let range: ClosedRange<Double>
    let start: Double
    let end: Double

    init(_ values: [Double], start: Double, end: Double) {
      let logarithms = values.map { log10($0) }
      range = (logarithms.min() ?? 0) - 0.12...(logarithms.max() ?? 1) + 0.12
      self.start = start
      self.end = end
    }

    var scale: Double { (end - start) / (range.upperBound - range.lowerBound) }

    func place(_ value: Double) -> Double { start + (log10(value) - range.lowerBound) * scale }

    /// Powers of ten inside, and between them twice and five times as much where there is room for labels.
    var ticks: [Double] {
      let factors: [Double] = scale.magnitude > 130 ? [1, 2, 5] : [1]
      let powers = Int(range.lowerBound.rounded(.down))...Int(range.upperBound.rounded(.up))
      return powers.flatMap { power in factors.map { $0 * pow(10, Double(power)) } }
        .filter { range.contains(log10($0)) }
    }
  }

  private static let margin = (left: 52.0, right: 14.0, top: 16.0, bottom: 42.0)

  private var points: [Point] {
    profile.steps.compactMap { step in
      guard let load = step.load, load.operations > 0, load.gigaflopsPerSecond > 0 else {
        return nil
      }
      return Point(step: step, load: load)
    }
  }

  /// Steps that have no place in the picture.
  var leftOut: Int { profile.steps.count - points.count }

  var svg: String {
    let points = points.sorted { $0.step.share > $1.step.share }
    let limits = profile.limits
    let peak = limits.gigaflopsPerSecond
    let ridges = limits.levels.map { peak / $0.gigabytesPerSecond }
    let x = Axis(
      points.map(\.load.intensity) + ridges + [0.1], start: Self.margin.left,
      end: width - Self.margin.right)
    let y = Axis(
      points.map(\.load.gigaflopsPerSecond) + [peak, peak / 100],
      start: height - Self.margin.bottom,
      end: Self.margin.top)
    let label = "Roofline of \(points.count) steps: operations per byte against GFLOP/s"
    var parts = [
      "<svg class=\"chart \(style)\" viewBox=\"0 0 \(Int(width)) \(Int(height))\" role=\"img\""
        + " aria-label=\"\(label)\">"
    ]
    parts += grid(x, y)
    parts += limits.levels.enumerated().map { number, level in
      roof(level, number, x, y, peak: peak)
    }
    let top = y.place(peak)
    parts.append(line(x.place(ridges.min() ?? 1), top, width - Self.margin.right, top, "roof"))
    parts.append(
      text(
        width - Self.margin.right - 2, top - 6, "end", "rooflabel",
        "\(Markup.number(peak)) GFLOP/s, f32 multiply-adds"))
    parts += points.map { circle($0, x, y) }
    return (parts + ["</svg>"]).joined(separator: "\n")
  }

  private func grid(_ x: Axis, _ y: Axis) -> [String] {
    let (bottom, right) = (height - Self.margin.bottom, width - Self.margin.right)
    var parts: [String] = []
    for tick in x.ticks {
      let at = x.place(tick)
      parts.append(line(at, Self.margin.top, at, bottom, "grid"))
      parts.append(text(at, bottom + 16, "middle", "tick", Self.label(tick)))
    }
    for tick in y.ticks {
      let at = y.place(tick)
      parts.append(line(Self.margin.left, at, right, at, "grid"))
      parts.append(text(Self.margin.left - 7, at + 4, "end", "tick", Self.label(tick)))
    }
    parts.append(line(Self.margin.left, bottom, right, bottom, "axis"))
    parts.append(
      text((Self.margin.left + right) / 2, height - 6, "middle", "title", "operations per byte"))
    let middle = Markup.place((Self.margin.top + bottom) / 2)
    parts.append(
      "<text class=\"title\" text-anchor=\"middle\" transform=\"translate(13 \(middle)) rotate(-90)\">"
        + "GFLOP/s</text>")
    return parts
  }

  /// What a level's reads allow, up to the limit of arithmetic.
  private func roof(
    _ level: MachineLimits.Level, _ number: Int, _ x: Axis, _ y: Axis, peak: Double
  ) -> String {
    let speed = level.gigabytesPerSecond
    let least = max(pow(10, x.range.lowerBound), pow(10, y.range.lowerBound) / speed)
    let ridge = peak / speed
    let angle = atan2(-y.scale, x.scale) * 180 / .pi
    // Labels of levels that are nearly as fast stand behind each other, not on each other.
    let share = [0.06, 0.3, 0.54, 0.3][number % 4]
    let at = pow(10, log10(least) + (log10(ridge) - log10(least)) * share)
    let place = (Markup.place(x.place(at)), Markup.place(y.place(at * speed)))
    return line(x.place(least), y.place(least * speed), x.place(ridge), y.place(peak), "roof")
      + "<text class=\"rooflabel\" transform=\"translate(\(place.0) \(place.1)) "
      + "rotate(\(Markup.place(-angle.magnitude)))\" dy=\"-5\">"
      + "\(level.name) \(Markup.number(speed)) GB/s</text>"
  }

  private func circle(_ point: Point, _ x: Axis, _ y: Axis) -> String {
    let radius = 3 + 22 * point.step.share.squareRoot()
    let (step, load) = (point.step, point.load)
    let lines = [
      step.label, "\(step.kernel) (\(step.kind))",
      "\(Markup.time(step.milliseconds)), \(Markup.percent(step.share)) of all",
      "\(Markup.number(load.gigaflopsPerSecond)) GFLOP/s, "
        + "\(Markup.number(load.gigabytesPerSecond)) GB/s",
      "\(Markup.percent(load.shareOfLimit)) of the limit: \(load.limit)", step.note,
    ]
    let tip = Markup.escape(lines.filter { !$0.isEmpty }.joined(separator: "\n"))
    return "<circle class=\"point \(palette.style(step.kind))\" "
      + "cx=\"\(Markup.place(x.place(load.intensity)))\" "
      + "cy=\"\(Markup.place(y.place(load.gigaflopsPerSecond)))\" "
      + "r=\"\(Markup.place(radius))\" data-tip=\"\(tip)\"/>"
  }

  private func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String
  ) -> String {
    "<line class=\"\(style)\" x1=\"\(Markup.place(x1))\" y1=\"\(Markup.place(y1))\" "
      + "x2=\"\(Markup.place(x2))\" y2=\"\(Markup.place(y2))\"/>"
  }

  private func text(
    _ x: Double, _ y: Double, _ anchor: String, _ style: String, _ content: String
  ) -> String {
    "<text class=\"\(style)\" x=\"\(Markup.place(x))\" y=\"\(Markup.place(y))\" "
      + "text-anchor=\"\(anchor)\">\(Markup.escape(content))</text>"
  }

  /// A tick as a plain number.
  private static func label(_ value: Double) -> String {
    value >= 1 ? String(format: "%.0f", value) : Markup.number(value).trimmedZeros
  }
}

extension String {
  /// Without zeros at the end of a fraction.
  fileprivate var trimmedZeros: String {
    guard contains(".") else { return self }
    let text = String(reversed().drop { $0 == "0" }.reversed())
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }
}
