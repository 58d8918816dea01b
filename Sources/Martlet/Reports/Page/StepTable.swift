/// Every step as a row that can be sorted and searched.
struct StepTable {
  let steps: [Profile.Step]
  let palette: Palette

  private struct Column {
    let title: String
    /// Classes: `n` for numbers, `wide` for what small screens leave out.
    let style: String
  }

  private static let columns = [
    Column(title: "#", style: "n wide"), Column(title: "node", style: "node"),
    Column(title: "operator", style: "wide"), Column(title: "time", style: "n"),
    Column(title: "share", style: "n"), Column(title: "of limit", style: "n"),
    Column(title: "limit", style: ""), Column(title: "GFLOP/s", style: "n"),
    Column(title: "GB/s", style: "n"), Column(title: "operations", style: "n wide"),
    Column(title: "bytes", style: "n wide"), Column(title: "kernel and choice", style: "note"),
  ]

  var html: String {
    let headings = Self.columns.map { column in
      "<th class=\"\(column.style)\" scope=\"col\"><button type=\"button\">\(column.title)</button></th>"
    }
    let rows = steps.sorted { $0.milliseconds > $1.milliseconds }.map(row)
    return """
      <div class="scroll"><table class="steps">
      <thead><tr>\(headings.joined())</tr></thead>
      <tbody>
      \(rows.joined(separator: "\n"))
      </tbody></table></div>
      """
  }

  private func row(_ step: Profile.Step) -> String {
    let load = step.load
    let isGuess = load.map { !$0.isExact } ?? false
    func value(_ number: Double?, _ text: (Double) -> String) -> (String, Double) {
      (number.map(text) ?? "", number ?? -1)
    }
    let figures: [(String, Double)?] = [
      ("\(step.number)", Double(step.number)), nil, nil,
      (Markup.time(step.milliseconds), step.milliseconds),
      (Markup.percent(step.share), step.share), value(load?.shareOfLimit, Markup.percent), nil,
      value(load?.gigaflopsPerSecond, Markup.number),
      value(load?.gigabytesPerSecond, Markup.number),
      value(load?.operations) { (isGuess ? "about " : "") + Markup.scaled($0) },
      value(load.map { $0.constantByteCount + $0.valueByteCount }, Markup.scaled), nil,
    ]
    let words: [Int: String] = [
      1: step.label, 2: step.kind, 6: load?.limit ?? "", 11: step.note,
    ]
    let cells = Self.columns.indices.map { column in
      let style = Self.columns[column].style
      if let figure = figures[column] {
        return "<td class=\"\(style)\" data-value=\"\(figure.1)\">\(figure.0)</td>"
      }
      let word = Markup.escape(words[column] ?? "")
      let mark =
        switch column {
        case 1: "<i class=\"mark \(palette.style(step.kind))\"></i>"
        case 11: "<b>\(Markup.escape(step.kernel))</b> "
        default: ""
        }
      return "<td class=\"\(style)\">\(mark)\(word)</td>"
    }
    return "<tr data-step=\"\(step.number)\">\(cells.joined())</tr>"
  }
}
