package import Diagnostics

/// One rewrite of graphs: a value with a name, a sentence and a function.
///
/// A pass is declared as a static member in a file named after it; one with options is a static function that returns
/// a pass, with the options in its name.
package struct Pass: Sendable {
  /// Kebab case, as the command line and golden files spell it.
  package let name: String
  /// What it does, in half a sentence: an imperative without a final period.
  package let summary: String
  private let body: @Sendable (inout Rewriter) throws(Diagnostic) -> Void

  package init(
    _ name: String, _ summary: String,
    body: @escaping @Sendable (inout Rewriter) throws(Diagnostic) -> Void
  ) {
    self.name = name
    self.summary = summary
    self.body = body
  }

  /// Rewrites the graph that the rewriter holds.
  package func run(_ rewriter: inout Rewriter) throws(Diagnostic) { try body(&rewriter) }
}
