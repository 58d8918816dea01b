import ArgumentParser
import Foundation
import Martlet

/// What is in a model.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show inputs, outputs, operators, parameters and work of a model.")

  @OptionGroup var options: ModelOptions
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let model = try options.load()
    var summary = model.summary
    summary.integerLayers = try model.integerLayers()
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
    if let layers = summary.integerLayers { show(layers) }
    print("nodes     \(summary.nodeCount)")
    var table = TextTable(["  count", "operator"])
    for (name, count) in summary.operators.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
      table.add(["\(count)", name])
    }
    print(table.description)
  }

  private func show(_ layers: IntegerLayerSummary) {
    let share = layers.multiplyAccumulateShare.map {
      String(format: ", %.1f %% of multiply-accumulates", $0 * 100)
    }
    print(
      "integers  \(layers.integerLayerCount) of \(layers.layerCount) layers run in integers"
        + (share ?? ""))
    for layer in layers.floatLayers {
      print("          '\(layer.node)' (\(layer.op)) does not: \(layer.reason)")
    }
  }
}
