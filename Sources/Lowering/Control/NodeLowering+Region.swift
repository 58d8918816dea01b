import Diagnostics
import IR
import Loops
import Tensors

/// What a node with graphs hands to them.
struct RegionOperands {
  /// Inputs of the node that are not inputs of the bodies as they are.
  var control: Range<Int>
  /// Inputs that the next run of a loop takes from the results of this one.
  var carried: Range<Int>
  /// The types that the bodies' inputs have before the carried ones.
  var leading: [ValueType] = []
}

extension NodeLowering {
  /// Adds a step that runs graphs, and one that takes their results.
  ///
  /// - Throws: `lowering.region` with every node of the graphs that has no native code.
  func runRegion(
    _ kind: Program.Region.Kind, _ bodies: [Graph], _ operands: RegionOperands
  ) throws(Diagnostic) {
    var reading: [Placed] = []
    var arguments: [Program.Region.Port] = []
    var given: [ValueType?] = operands.leading
    for index in 0..<max(inputCount, operands.control.upperBound) {
      guard hasInput(index) else {
        arguments.append(.init(memory: nil, element: .i64, shape: []))
        continue
      }
      let placed = try plain(index)
      reading.append(placed)
      arguments.append(
        .init(memory: placed.memory, element: placed.element, shape: placed.shape))
      if operands.control.contains(index) { continue }
      // What is carried has the types of all runs already.
      given.append(operands.carried.contains(index) ? nil : .tensor(try type(index)))
    }
    var programs: [Program] = []
    var misfit: Diagnostic?
    for body in bodies {
      do throws(Diagnostic) {
        programs.append(try lowered(body, given))
      } catch {
        // What does not fit these sizes may never run.
        guard error.severity == .error else { throw error }
        misfit = error
        programs.append(refusal(of: body.withInputs(given), error))
      }
    }
    guard let whole = programs.first(where: { $0.refusal == nil }) else {
      throw misfit ?? .internal("lowering.region", "there is no graph to run")
    }
    var defines: [Symbol] = []
    for index in 0..<outputCount where hasOutput(index) {
      for dimension in try outputShape(index) {
        if isUndefined(dimension), let symbol = dimension.asSymbol, !defines.contains(symbol) {
          defines.append(symbol)
        }
      }
    }
    session.program.define(defines)
    var results: [Program.Region.Port] = []
    var writing: [Placed] = []
    let first = whole.outputs.count - outputCount
    for index in 0..<outputCount {
      guard hasOutput(index) else {
        let port = whole.outputs[first + index]
        throw .unsupported(
          "lowering.region", "result '\(port.name)' is left out, which has no native code yet")
      }
      let placed = try output(index).placed
      writing.append(placed)
      results.append(
        .init(memory: placed.memory, element: placed.element, shape: placed.shape))
    }
    session.program.runRegion(
      label,
      Program.Region(
        kind: kind, bodies: programs, arguments: arguments, results: results, defines: defines),
      reading: reading, writing: writing)
  }

  /// A program that says why it does not run.
  private func refusal(of body: Graph, _ reason: Diagnostic) -> Program {
    let inputs = body.inputs.map { input in
      let type = body.tensorType(input)
      return Program.Port(
        name: body[input].name, element: type?.element ?? .f32, shape: type?.shape ?? [])
    }
    var program = Program(name: body.name, inputs: inputs, outputs: [], arenaByteCount: 0)
    program.refusal = "node '\(label)': \(reason.message)"
    return program
  }

  /// The program of a graph whose inputs have these types.
  private func lowered(_ body: Graph, _ types: [ValueType?]) throws(Diagnostic) -> Program {
    let graph = try body.specialised(types)
    do throws(DiagnosticList) {
      let program = try GraphLowering.lower(
        graph, for: session.target, options: session.options)
      return session.program.adopt(program)
    } catch {
      guard var first = error.diagnostics.first else {
        throw .internal("lowering.region", "a graph has no program")
      }
      first.notes += error.diagnostics.dropFirst().map(\.description)
      throw first
    }
  }
}
