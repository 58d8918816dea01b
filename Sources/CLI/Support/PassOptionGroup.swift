import ArgumentParser
import Martlet

/// How passes are watched.
struct PassOptionGroup: ParsableArguments {
  @Option(
    name: .long, help: ArgumentHelp("Print the graph after a pass (repeatable).", valueName: "PASS")
  )
  var printAfter: [String] = []
  @Flag(help: "Print the graph after every pass that changed it.") var printAfterChange = false
  @Flag(help: "Print time and changes per pass.") var timePasses = false
  @Flag(inversion: .prefixedNo, help: "Verify the graph after every pass that changed it.")
  var verifyEach = true
  @Option(help: ArgumentHelp("Stop rewriting after this many edits.", valueName: "N"))
  var bisectLimit: Int?
  @Option(
    help: ArgumentHelp("Leave the graph before a failing pass in this folder.", valueName: "DIR"),
    completion: .directory)
  var reproducer: String?

  var optimizer: Optimizer {
    var settings = PassSettings()
    settings.printAfter = Set(printAfter)
    settings.printAfterChange = printAfterChange
    settings.verifyEach = verifyEach
    settings.bisectLimit = bisectLimit
    settings.reproducer = reproducer
    settings.output = { Console.error($0) }
    return Optimizer(settings)
  }

  /// Prints what the user asked to know about a run of passes.
  func show(_ report: Optimizer.Report) {
    if timePasses { Console.partialError(report.timing) }
  }
}
