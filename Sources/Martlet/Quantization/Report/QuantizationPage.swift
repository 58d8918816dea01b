/// A report of quantization as one page that needs nothing but a browser.
struct QuantizationPage {
  private let report: QuantizationReport
  /// How many layers are in the picture of damages, and how many are unfolded from the start.
  private static let chartCount = 20
  private static let openCount = 3

  init(_ report: QuantizationReport) { self.report = report }

  /// The page, HTML and well-formed XML at once.
  var html: String {
    PageFrame(
      title: "\(fileName): quantization", heading: "What quantization does to \(fileName)",
      facts: facts,
      footer: """
        Written by \(report.producer). Damage is measured at the model's outputs, a layer quantized alone; \
        signal-to-noise ratios are at the layer's own result. Numbers are of the calibration samples.
        """,
      css: QuantizationPageStyle.css, script: QuantizationPageStyle.script
    ).html(
      """
      <main>
      \(cards)
      \(damageChart)
      \(exceptions)
      \(table)
      <section class="panel"><h3>Layer by layer</h3>
      <p class="hint">The worst first. Pictures count the elements that were seen, on a logarithmic scale; what lies \
      outside of the range that integers reach is shaded and was clipped.</p>
      \(report.layers.enumerated().map { details($1, isOpen: $0 < Self.openCount) }.joined(separator: "\n"))
      </section>
      </main>
      """)
  }

  private var fileName: String {
    report.model.split(separator: "/").last.map(String.init) ?? report.model
  }

  private var measure: String {
    report.measure == "kl-divergence" ? "KL divergence of the classes" : "relative squared error"
  }

  private var facts: [String] {
    let method = report.method == "auto" ? "by least damage" : "by \(report.method)"
    let scaled =
      report.scalings.isEmpty
      ? []
      : [
        "channels scaled: " + report.scalings.map { Markup.short($0.name) }.joined(separator: ", ")
      ]
    return [
      "ranges \(method) from \(report.samples.ranges) samples",
      "damage of layers from \(report.samples.layers) samples", "damage is the \(measure)",
    ] + scaled
  }

  /// The figures that matter most.
  private var cards: String {
    var items = [
      (
        "damage measured", Markup.compact(report.damage),
        "budget \(Markup.compact(report.budget)), predicted \(Markup.compact(report.predictedDamage)), "
          + "all in 8 bits \(Markup.compact(report.damageOfAll))"
      ),
      (
        "work in integers", Markup.percent(report.integerShare),
        "of \(Markup.scaled(Double(report.multiplyAccumulates))) multiply-accumulates"
          + (report.wideShare > 0 ? ", \(Markup.percent(report.wideShare)) with 16 bits" : "")
      ),
      (
        "weights", Markup.scaled(Double(report.weightBytes.quantized)) + "B",
        "before \(Markup.scaled(Double(report.weightBytes.float)))B"
      ),
    ]
    if let times = report.times {
      items.append(
        (
          "time of a run", Markup.time(times.quantizedMilliseconds),
          "before \(Markup.time(times.floatMilliseconds)); ratio \(Markup.number(times.ratio)) "
            + "(\(Markup.number(times.ratioLow)) to \(Markup.number(times.ratioHigh))), "
            + (times.threads == 1 ? "one thread" : "\(times.threads) threads")
        ))
    } else {
      items.append(("time of a run", "-", "not available: a part has no native code"))
    }
    let cards = items.map { name, value, detail in
      "<li><span>\(name)</span><b>\(Markup.escape(value))</b><small>\(Markup.escape(detail))</small></li>"
    }
    return "<ul class=\"cards\">\(cards.joined())</ul>"
  }

  /// The share of damage as bars: the strong part is what the plan leaves.
  private var damageChart: String {
    let shown = report.layers.prefix(Self.chartCount)
    let greatest = shown.first?.damage ?? 0
    let rows = shown.map { layer in
      let length = greatest > 0 ? 100 * layer.damage / greatest : 0
      let left = layer.damage > 0 ? length * min(1, layer.plannedDamage / layer.damage) : 0
      return """
        <li title="\(Markup.escape(layer.name))"><span class="name"><bdi>\(Markup.escape(Markup.short(layer.name)))</bdi></span>\
        <svg class="bar plain" aria-hidden="true">\
        <rect class="rest" width="\(Markup.place(length))%" height="100%" rx="2"/>\
        <rect width="\(Markup.place(left))%" height="100%" rx="2"/></svg>\
        <span class="value">\(Markup.compact(layer.damage))</span>\
        <span class="share">\(Markup.percent(layer.damageShare))</span></li>
        """
    }
    let title =
      report.layers.count > Self.chartCount
      ? "The \(Self.chartCount) layers with the most damage" : "Damage by layer"
    return """
      <section class="panel"><h3>\(title)</h3>
      <p class="hint">The damage when a layer alone reads 8 bits, and its share of the sum. Strong: what remains as \
      planned. Pale: what float or 16 bits take away.</p>
      <ul class="bars">
      \(rows.joined(separator: "\n"))
      </ul></section>
      """
  }

  /// What does not read 8 bits, and why.
  private var exceptions: String {
    let layers = report.layers.filter { $0.bits != 8 }.map { layer in
      [Markup.short(layer.name), layer.op, Self.precision(layer.bits), layer.reason]
    }
    let moves = Dictionary(
      grouping: report.moves.filter { $0.floatReason != nil }, by: { $0.floatReason ?? "" }
    ).sorted { $0.key < $1.key }.map { reason, nodes in
      [nodes.map { Markup.short($0.name) }.joined(separator: ", "), "move values", "float", reason]
    }
    let rows = (layers + moves).map { cells in
      "<tr>"
        + cells.enumerated().map {
          "<td class=\"\($0 == 0 ? "word" : $0 == 3 ? "note" : "")\">\(Markup.escape($1))</td>"
        }
        .joined() + "</tr>"
    }
    let content =
      rows.isEmpty
      ? "<p>Every layer reads 8 bits.</p>"
      : """
      <div class="scroll"><table class="plain-table">
      <thead><tr><th scope="col">node</th><th scope="col">operator</th><th scope="col">reads</th><th scope="col">why</th></tr></thead>
      <tbody>
      \(rows.joined(separator: "\n"))
      </tbody></table></div>
      """
    return
      "<section class=\"panel\"><h3>Kept in float or 16 bits</h3>\n\(content)\n</section>"
  }

  private var table: String {
    """
    <section class="panel"><h3>Layers</h3>
    <p class="hint">A heading sorts; the field shows the layers that hold a word.\(elsewhere)</p>
    <input class="filter" type="search" placeholder="conv, float, mse …" aria-label="Filter the layers"/>
    \(LayerTable(layers: report.layers).html)
    </section>
    """
  }

  private var elsewhere: String {
    guard let times = report.times else { return " Times are not available." }
    return
      " A layer without a time runs as part of another. Steps of no layer, such as quantizing inputs, take "
      + "\(Markup.time(times.elsewhereMilliseconds)) of the quantized model's time."
  }

  private func details(_ layer: QuantizationReport.Layer, isOpen: Bool) -> String {
    LayerDetails(layer: layer).html(isOpen: isOpen)
  }

  /// What a layer reads, in words.
  static func precision(_ bits: Int) -> String { bits == 32 ? "float" : "\(bits) bits" }

  /// A signal-to-noise ratio; without noise it has none.
  static func decibels(_ value: Double?) -> String {
    value.map { "\(Markup.decimal($0)) dB" } ?? "exact"
  }
}
