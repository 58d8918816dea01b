/// Every layer as a row that can be sorted and searched.
struct LayerTable {
  let layers: [QuantizationReport.Layer]

  /// Titles with their classes: `n` for numbers, `wide` for what small screens leave out.
  private static let columns = [
    ("layer", "word"), ("operator", "wide"), ("reads", ""), ("damage", "n"), ("share", "n"),
    ("SNR alone", "n"), ("SNR so far", "n"), ("float", "n"), ("quantized", "n"), ("MACs", "n wide"),
    ("ranges", "wide"),
  ]

  var html: String {
    let headings = Self.columns.map { title, style in
      "<th class=\"\(style)\" scope=\"col\"><button type=\"button\">\(title)</button></th>"
    }
    return """
      <div class="scroll"><table class="steps">
      <caption class="hint">SNR: signal-to-noise ratio at the layer's result, with the layer alone quantized and with \
      everything before it as planned.</caption>
      <thead><tr>\(headings.joined())</tr></thead>
      <tbody>
      \(layers.map(row).joined(separator: "\n"))
      </tbody></table></div>
      """
  }

  private func row(_ layer: QuantizationReport.Layer) -> String {
    // What has no noise sorts above everything, what has no time below.
    let cells: [(text: String, value: Double?)] = [
      (Markup.short(layer.name), nil), (layer.op, nil),
      (QuantizationPage.precision(layer.bits), nil),
      (Markup.compact(layer.damage), layer.damage),
      (Markup.percent(layer.damageShare), layer.damageShare),
      (QuantizationPage.decibels(layer.isolatedDecibels), layer.isolatedDecibels ?? 1e9),
      (QuantizationPage.decibels(layer.cumulativeDecibels), layer.cumulativeDecibels ?? 1e9),
      (layer.floatMilliseconds.map(Markup.time) ?? "", layer.floatMilliseconds ?? -1),
      (layer.quantizedMilliseconds.map(Markup.time) ?? "", layer.quantizedMilliseconds ?? -1),
      (Markup.scaled(Double(layer.multiplyAccumulates)), Double(layer.multiplyAccumulates)),
      (Set(layer.activations.map(\.method)).sorted().joined(separator: ", "), nil),
    ]
    let markup = zip(Self.columns, cells).map { column, cell in
      let value = cell.value.map { " data-value=\"\($0)\"" } ?? ""
      let style = column.0 == "layer" ? "th scope=\"row\"" : "td"
      let end = column.0 == "layer" ? "th" : "td"
      return "<\(style) class=\"\(column.1)\"\(value)>\(Markup.escape(cell.text))</\(end)>"
    }
    return
      "<tr data-layer=\"\(layer.place)\" title=\"\(Markup.escape(layer.name))\">\(markup.joined())</tr>"
  }
}
