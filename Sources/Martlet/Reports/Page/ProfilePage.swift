/// Profiles as one page that needs nothing but a browser.
public struct ProfilePage: Sendable {
  /// What was measured of one model.
  public struct Section: Sendable {
    let model: String
    let latency: Latency
    let profile: Profile

    public init(model: String, latency: Latency, profile: Profile) {
      self.model = model
      self.latency = latency
      self.profile = profile
    }
  }

  private let sections: [Section]
  /// The machine, the date: whatever is to be known about the measurement.
  private let facts: [String]

  public init(_ sections: [Section], facts: [String]) {
    self.sections = sections
    self.facts = facts
  }

  /// The page, HTML and well-formed XML at once.
  public var html: String {
    let title = sections.map(\.fileName).joined(separator: ", ")
    return PageFrame(
      title: "\(title): where the time goes", heading: "Where the time goes", facts: facts,
      footer: """
        Measured by martlet \(martletVersion). A step's limit is the least time that \
        the machine leaves for it: its operations at the rate of multiply-adds in registers, or its bytes at the rate at \
        which the level that holds them is read. Both rates were measured in the same run, by kernels that the same \
        back end compiled.
        """
    ).html(sections.map(\.html).joined(separator: "\n"))
  }
}

extension ProfilePage.Section {
  fileprivate var fileName: String { model.split(separator: "/").last.map(String.init) ?? model }

  fileprivate var html: String {
    let palette = Palette(profile.operators)
    return """
      <main>
      <h2>\(Markup.escape(fileName))</h2>
      \(cards)
      \(roofline(palette))
      <div class="columns">
      \(operators(palette).html)
      \(kernels.html)
      </div>
      \(nodes(palette).html)
      <section class="panel"><h3>Steps</h3>
      <p class="hint">A heading sorts; the field shows the steps that hold a word.</p>
      <input class="filter" type="search" placeholder="conv, winograd, L3 …" aria-label="Filter the steps"/>
      \(StepTable(steps: profile.steps, palette: palette).html)
      </section>
      </main>
      """
  }

  /// The figures that matter most.
  private var cards: String {
    let loaded = profile.steps.filter { $0.load != nil }
    let least = loaded.compactMap { $0.load?.limitMilliseconds }.reduce(0, +)
    let taken = loaded.map(\.milliseconds).reduce(0, +)
    let work = profile.nodes.compactMap(\.multiplyAccumulates).reduce(0, +)
    let effective = profile.milliseconds > 0 ? 2 * Double(work) / profile.milliseconds / 1e6 : 0
    let threads = profile.limits.threads
    let items = [
      ("median latency", Markup.time(latency.median), "\(latency.count) runs"),
      ("all steps", Markup.time(profile.milliseconds), "\(profile.steps.count) steps"),
      (
        "of the limits", taken > 0 ? Markup.percent(least / taken) : "-",
        "at best \(Markup.time(least))"
      ),
      (
        "effective", "\(Markup.number(effective)) GFLOP/s",
        "of \(Markup.number(profile.limits.gigaflopsPerSecond)) on \(threads) "
          + (threads == 1 ? "thread" : "threads")
      ),
    ]
    let cards = items.map { name, value, detail in
      "<li><span>\(name)</span><b>\(Markup.escape(value))</b><small>\(Markup.escape(detail))</small></li>"
    }
    return "<ul class=\"cards\">\(cards.joined())</ul>"
  }

  private func roofline(_ palette: Palette) -> String {
    let charts = [("broad", 1080.0, 470.0), ("slim", 380.0, 400.0)].map { style, width, height in
      RooflineChart(
        profile: profile, palette: palette, width: width, height: height, style: style)
    }
    let hasOthers = profile.operators.count > palette.kinds.count
    let leftOut = charts.first.map(\.leftOut) ?? 0
    let missing =
      leftOut == 0
      ? "" : " \(leftOut) steps that only move data have no place here; the table has them."
    return """
      <section class="panel"><h3>Roofline</h3>
      <p class="hint">A step is a disc, its area the share of time; the higher under its roof, the better.\(missing)</p>
      \(palette.legend(hasOthers: hasOthers))
      \(charts.map(\.svg).joined(separator: "\n"))
      </section>
      """
  }

  private func operators(_ palette: Palette) -> BarChart {
    BarChart(
      title: "Time by operator", hint: Self.hint,
      rows: profile.operators.map { row in
        let effective = row.effectiveGigaflopsPerSecond.map {
          ", effective \(Markup.number($0)) GFLOP/s"
        }
        return BarChart.Row(
          name: row.kind, detail: "\(row.nodes) nodes\(effective ?? "")",
          milliseconds: row.milliseconds, share: row.share, shareOfLimit: row.shareOfLimit,
          style: palette.style(row.kind))
      })
  }

  /// Kernels by family: their names without numbers.
  private var kernels: BarChart {
    let families = Dictionary(grouping: profile.steps) { step in
      step.kernel.split(separator: "_").filter { !$0.allSatisfy(\.isNumber) }.joined(separator: " ")
    }
    let rows = families.map { row(name: $0, steps: $1, style: "plain") }
    return BarChart(title: "Time by kind of kernel", hint: Self.hint, rows: Self.sorted(rows))
  }

  private func nodes(_ palette: Palette) -> BarChart {
    let shown = 20
    let steps = Dictionary(grouping: profile.steps, by: \.node)
    let rows = profile.nodes.prefix(shown).map { node in
      let effective = node.effectiveGigaflopsPerSecond.map {
        ", effective \(Markup.number($0)) GFLOP/s"
      }
      var row = row(
        name: node.name.isEmpty ? node.kind : node.name, steps: steps[node.name] ?? [],
        style: palette.style(node.kind))
      row.detail = node.ops.joined(separator: " + ") + (effective ?? "")
      return row
    }
    let title = profile.nodes.count > shown ? "The \(shown) slowest nodes" : "Time by node"
    return BarChart(title: title, hint: Self.hint, rows: rows)
  }

  private func row(name: String, steps: [Profile.Step], style: String) -> BarChart.Row {
    let known = steps.filter { $0.load != nil }
    let taken = known.map(\.milliseconds).reduce(0, +)
    let least = known.compactMap { $0.load?.limitMilliseconds }.reduce(0, +)
    return BarChart.Row(
      name: name, detail: "\(steps.count) steps",
      milliseconds: steps.map(\.milliseconds).reduce(0, +),
      share: steps.map(\.share).reduce(0, +), shareOfLimit: taken > 0 ? least / taken : nil,
      style: style)
  }

  private static let hint = "Strong: what the machine's limits leave. Pale: what is above them."

  private static func sorted(_ rows: [BarChart.Row]) -> [BarChart.Row] {
    rows.sorted { ($1.milliseconds, $0.name) < ($0.milliseconds, $1.name) }
  }
}
