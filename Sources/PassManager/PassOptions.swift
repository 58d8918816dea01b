/// How a pass manager watches what passes do.
package struct PassOptions: Sendable {
  /// Verifies the graph after every pass that changed it.
  package var verifyEach = true
  /// Prints the graph after these passes.
  package var printAfter: Set<String> = []
  /// Prints the graph after every pass that changed it.
  package var printAfterChange = false
  /// Receives what is printed, a header line and the graph's text.
  package var output: @Sendable (String) -> Void = { _ in }
  /// No rewrite begins once this many edits have been made.
  package var bisectLimit: Int?
  /// Where the graph before the pass that runs is kept until it has succeeded.
  package var reproducer: ReproducerDirectory?

  package init() {}
}
