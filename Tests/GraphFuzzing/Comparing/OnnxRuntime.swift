import Foundation
import IR
import Interpreter
import ONNXFrontend
import Tensors

/// onnxruntime in a process of its own, which is started again when a graph brings it down.
package final class OnnxRuntime {
  private let python: String
  private let script: String
  private let folder: String
  private var process: Process?
  private var questions: FileHandle?
  private var answers: FileHandle?
  /// How often it could not run a node, by operator and types.
  package private(set) var missing: [String: Int] = [:]
  /// How many graphs it has run.
  package private(set) var runs = 0

  /// - Parameters:
  ///   - python: an interpreter that has onnxruntime.
  ///   - script: `Benchmarks/onnxruntime_outputs.py`.
  package init(python: String, script: String) {
    self.python = python
    self.script = script
    folder =
      FileManager.default.temporaryDirectory.appendingPathComponent(
        "martlet-peer-\(ProcessInfo.processInfo.processIdentifier)"
      ).path
  }

  deinit {
    stop()
    try? FileManager.default.removeItem(atPath: folder)
  }

  private struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Runs a case, without the nodes that it has no code for or is known to get wrong: what they compute becomes inputs.
  ///
  /// - Returns: the case that was run, and its outputs; nil when nothing is left to run.
  /// - Throws: what it says against a graph otherwise.
  func outputs(of fuzzed: FuzzCase) throws -> (FuzzCase, [Value])? {
    let limited = KnownLimits.nodes(in: fuzzed.graph)
    guard var shown = try fuzzed.without(limited) else { return nil }
    while true {
      let answer = try ask(shown)
      if answer == "ok" {
        runs += 1
        return (shown, try results(of: shown.graph))
      }
      var lacking = Self.isRefusal(answer) ? try unimplemented(in: shown) : []
      // What an operator is made of may depend on the opset that others ask for.
      if lacking.isEmpty, Self.isRefusal(answer) {
        lacking = Set(
          shown.graph.nodeIDs.filter {
            answer.contains("'\(shown.graph[$0].name)'")
              || answer.contains("(\(shown.graph[$0].name))")
          })
      }
      guard !lacking.isEmpty else { throw Failure(description: answer) }
      guard let smaller = try shown.without(lacking) else { return nil }
      shown = smaller
    }
  }

  /// Whether it says that it has no code for something.
  private static func isRefusal(_ answer: String) -> Bool {
    KnownLimits.refusals.contains { answer.contains($0) }
  }

  /// The nodes that it has no code for when each is asked for by itself: a refusal does not always name its node.
  private func unimplemented(in fuzzed: FuzzCase) throws -> Set<NodeID> {
    let values = try fuzzed.allValues()
    var found: Set<NodeID> = []
    for id in fuzzed.graph.nodeIDs {
      let node = fuzzed.graph[id]
      let outputs = node.outputs.compactMap { $0 }
      let inputs = Set(node.inputs.compactMap { $0 })
      guard (outputs + inputs).allSatisfy({ fuzzed.graph.tensorType($0) != nil }) else { continue }
      let form = Self.form(id, fuzzed.graph)
      if missing[form] == nil {
        let alone = fuzzed.reduced(to: outputs, cutting: inputs, values)
        guard Self.isRefusal(try ask(alone)) else { continue }
      }
      missing[form, default: 0] += 1
      found.insert(id)
    }
    return found
  }

  private static func form(_ id: NodeID, _ graph: Graph) -> String {
    let node = graph[id]
    let types = [node.inputs, node.outputs].map { list in
      list.map { $0.flatMap { graph.tensorType($0)?.element.description } ?? "-" }
        .joined(separator: ", ")
    }
    return "\(node.opName)(\(types[0])) -> \(types[1])"
  }

  private func results(of graph: Graph) throws -> [Value] {
    try graph.outputs.enumerated().map { number, id in
      try ValueFile.read(at: "\(folder)/test_data_set_0/output_\(number).pb", as: graph[id].type)
    }
  }

  // MARK: The process

  /// The answer to one case, a line.
  private func ask(_ fuzzed: FuzzCase) throws -> String {
    try fuzzed.write(to: folder)
    if process == nil { try start() }
    try questions?.write(contentsOf: Data("\(folder)\n".utf8))
    var line = Data()
    while let byte = try answers?.read(upToCount: 1), byte.count == 1 {
      if byte[byte.startIndex] == 10 { return String(decoding: line, as: UTF8.self) }
      line += byte
    }
    let status = process.map { process -> String in
      process.waitUntilExit()
      return
        "\(process.terminationReason == .uncaughtSignal ? "signal" : "status") \(process.terminationStatus)"
    }
    stop()
    return "crash: \(status ?? "no process")"
  }

  private func start() throws {
    let process = Process()
    let input = Pipe()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = [script]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    self.process = process
    questions = input.fileHandleForWriting
    answers = output.fileHandleForReading
  }

  private func stop() {
    try? questions?.close()
    if let process, process.isRunning { process.terminate() }
    process = nil
    questions = nil
    answers = nil
  }
}
