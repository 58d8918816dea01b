/// One colour for each operator that takes much of the time, the same in every picture of a page.
struct Palette {
  /// Colours that the style sheet has, `c0` and so on; the last is for all the rest.
  static let count = 7
  /// The operators that have one of their own, the slowest first.
  let kinds: [String]

  init(_ operators: [Profile.Operator]) {
    kinds = operators.prefix(Self.count - 1).map(\.kind)
  }

  /// The class of an operator's colour.
  func style(_ kind: String) -> String { "c\(kinds.firstIndex(of: kind) ?? Self.count - 1)" }

  /// The legend: names with their colours, those without one together.
  func legend(hasOthers: Bool) -> String {
    let names = kinds + (hasOthers ? ["others"] : [])
    let items = names.map { name in
      "<li><svg class=\"key\" viewBox=\"0 0 10 10\" aria-hidden=\"true\"><circle class=\""
        + "\(style(name))\" cx=\"5\" cy=\"5\" r=\"5\"/></svg>\(Markup.escape(name))</li>"
    }
    return "<ul class=\"legend\">\(items.joined())</ul>"
  }
}
