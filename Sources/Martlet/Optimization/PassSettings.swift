import Diagnostics
import PassManager

/// How passes are watched; the defaults watch nothing but the validity of the graph.
public struct PassSettings: Sendable {
  /// Verify the graph after every pass that changed it.
  public var verifyEach = true
  /// Give the graph's text to `output` after these passes.
  public var printAfter: Set<String> = []
  /// Give the graph's text to `output` after every pass that changed it.
  public var printAfterChange = false
  /// Begin no rewrite once this many edits have been made.
  public var bisectLimit: Int?
  /// A folder in which the graph before a failing pass is left.
  public var reproducer: String?
  /// Receives what is printed.
  public var output: @Sendable (String) -> Void = { _ in }

  public init() {}

  func passOptions() throws(Diagnostic) -> PassOptions {
    var options = PassOptions()
    options.verifyEach = verifyEach
    options.printAfter = printAfter
    options.printAfterChange = printAfterChange
    options.bisectLimit = bisectLimit
    options.output = output
    if let reproducer {
      try makeFolder(reproducer)
      options.reproducer = ReproducerDirectory(reproducer)
    }
    return options
  }
}
