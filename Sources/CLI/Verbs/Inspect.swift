import ArgumentParser
import Martlet

/// What is in a model.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show inputs, outputs, operators, parameters and work of a model.")

  @OptionGroup var options: ModelOptions
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let summary = try options.load().summary
    if json { return try Console.json(summary) }
    let opsets = summary.opsets.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    print("model     \(summary.path) (\(summary.graph))")
    print(
      "opset     \(opsets.joined(separator: ", ")), IR version \(summary.irVersion)"
        + (summary.producer.isEmpty ? "" : ", by \(summary.producer)"))
    for port in summary.inputs { print("input     \(port.name): \(port.type)") }
    for port in summary.outputs { print("output    \(port.name): \(port.type)") }
    print(
      "weights   \(Quantity.count(summary.parameterCount)) parameters, "
        + Quantity.bytes(summary.constantByteCount))
    let work = Int(summary.multiplyAccumulates).map { Quantity.count($0) }
    print("work      \(work ?? summary.multiplyAccumulates) multiply-accumulates per run")
    if let largest = summary.largestActivationByteCount {
      print("largest   \(Quantity.bytes(largest)) activation")
    }
    print("nodes     \(summary.nodeCount)")
    var table = TextTable(["  count", "operator"])
    for (name, count) in summary.operators.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
      table.add(["\(count)", name])
    }
    print(table.description)
  }
}
