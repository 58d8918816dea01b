/// One layer with pictures of what it reads.
struct LayerDetails {
  let layer: QuantizationReport.Layer

  func html(isOpen: Bool) -> String {
    """
    <details class="layer" data-layer="\(layer.place)"\(isOpen ? " open=\"open\"" : "")>
    <summary><b>\(Markup.escape(layer.name))</b> <span>\(Markup.escape(layer.op)), \
    \(QuantizationPage.precision(layer.bits)), damage \(Markup.compact(layer.damage))</span></summary>
    <p>\(Markup.escape(decision))</p>
    <div class="figures">
    \(layer.activations.map(figure).joined(separator: "\n"))
    </div>
    \(methods)
    \(weights)
    </details>
    """
  }

  private var decision: String {
    var parts = ["\(QuantizationPage.precision(layer.bits)): \(layer.reason)"]
    parts.append(
      "signal-to-noise ratio \(QuantizationPage.decibels(layer.isolatedDecibels)) alone, "
        + "\(QuantizationPage.decibels(layer.cumulativeDecibels)) with everything before it")
    if let correction = layer.biasCorrection {
      parts.append("biases corrected by up to \(Markup.compact(correction))")
    }
    return parts.joined(separator: "; ") + "."
  }

  private func figure(_ activation: QuantizationReport.Activation) -> String {
    var lines = [
      "seen \(Markup.compact(activation.minimum)) to \(Markup.compact(activation.maximum)), integers reach "
        + "\(Markup.compact(activation.low)) to \(Markup.compact(activation.high))"
        + " (\(activation.type), scale \(Markup.compact(activation.scale)), zero point \(activation.zeroPoint)); "
        + "\(Markup.percent(zeroShare(activation))) are zeros, which have no bar",
      "\(activation.method): \(activation.reason); \(Markup.compact(100 * activation.clippedShare)) % clipped",
    ]
    if activation.isConstant { lines.append("every element was the same number") }
    if !activation.sharesScaleWith.isEmpty {
      let names = activation.sharesScaleWith
      let more = names.count > 3 ? " and \(names.count - 3) more" : ""
      lines.append(
        "same scale as \(names.prefix(3).map(Markup.short).joined(separator: ", "))\(more)")
    }
    return """
      <figure><figcaption><b>\(Markup.escape(activation.name))</b></figcaption>
      \(HistogramChart(activation: activation).svg)
      \(lines.map { "<p>\(Markup.escape($0))</p>" }.joined())</figure>
      """
  }

  private func zeroShare(_ activation: QuantizationReport.Activation) -> Double {
    Double(activation.histogram.zeroCount) / Double(max(activation.elementCount, 1))
  }

  /// Damages with ranges by each method.
  private var methods: String {
    guard layer.methodDamages.count > 1 || layer.wideDamage != nil else { return "" }
    var parts = layer.methodDamages.map { "\($0.method) \(Markup.compact($0.damage))" }
    if let wide = layer.wideDamage { parts.append("16 bits \(Markup.compact(wide))") }
    return
      "<p>Damage by how everything that it reads is quantized: \(Markup.escape(parts.joined(separator: ", "))).</p>"
  }

  private var weights: String {
    guard !layer.weights.isEmpty else { return "" }
    let headings = [
      "weight", "shape", "scales", "least", "greatest", "channels' greatest magnitudes", "SNR",
    ].map { "<th scope=\"col\">\($0)</th>" }
    let rows = layer.weights.map { weight in
      let shape = weight.shape.map(\.description).joined(separator: "×")
      let scales =
        weight.axis.map { "one for each of \(weight.shape[$0 < 0 ? $0 + weight.shape.count : $0])" }
        ?? "one"
      let magnitudes = weight.channelMagnitudes.map(Markup.compact).joined(separator: " · ")
      let cells = [
        shape, scales, Markup.compact(weight.minimum), Markup.compact(weight.maximum), magnitudes,
        QuantizationPage.decibels(weight.decibels),
      ]
      return "<tr><th scope=\"row\" class=\"word\">\(Markup.escape(weight.name))</th>"
        + cells.map { "<td>\(Markup.escape($0))</td>" }.joined() + "</tr>"
    }
    return """
      <div class="scroll"><table class="plain-table">
      <caption class="hint">Weights. Magnitudes: least, quartiles and greatest of the channels.</caption>
      <thead><tr>\(headings.joined())</tr></thead>
      <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
      """
  }
}
