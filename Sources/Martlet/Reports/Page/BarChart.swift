/// Times as bars, one line each, the slowest first; the full part of a bar is what the machine's limits leave.
struct BarChart {
  struct Row {
    let name: String
    var detail: String
    let milliseconds: Double
    let share: Double
    /// The least time as a share of the time taken, where it is known.
    let shareOfLimit: Double?
    /// The class of its colour.
    let style: String
  }

  let title: String
  var hint = ""
  let rows: [Row]

  var html: String {
    let longest = rows.map(\.milliseconds).max() ?? 0
    let lines = rows.map { row in
      let length = longest > 0 ? 100 * row.milliseconds / longest : 0
      let full = length * min(1, row.shareOfLimit ?? 0)
      let limit = row.shareOfLimit.map { ", \(Markup.percent($0)) of the limit" } ?? ""
      let tip = Markup.escape(
        "\(row.name)\n\(Markup.time(row.milliseconds)), \(Markup.percent(row.share)) of all\(limit)"
          + (row.detail.isEmpty ? "" : "\n\(row.detail)"))
      return """
        <li data-tip="\(tip)"><span class="name"><bdi>\(Markup.escape(row.name))</bdi></span>\
        <svg class="bar \(row.style)" aria-hidden="true">\
        <rect class="rest" width="\(Markup.place(length))%" height="100%" rx="2"/>\
        <rect width="\(Markup.place(full))%" height="100%" rx="2"/></svg>\
        <span class="value">\(Markup.time(row.milliseconds))</span>\
        <span class="share">\(Markup.percent(row.share))</span></li>
        """
    }
    return """
      <section class="panel"><h3>\(Markup.escape(title))</h3>\(
        hint.isEmpty ? "" : "<p class=\"hint\">\(Markup.escape(hint))</p>")
      <ul class="bars">
      \(lines.joined(separator: "\n"))
      </ul></section>
      """
  }
}
