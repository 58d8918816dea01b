import Tensors

extension Program: CustomStringConvertible {
  /// The textual form: what comes in and goes out, memory, kernels, and the steps in order.
  package var description: String {
    var lines = ["program @\(name) {"]
    for port in inputs {
      lines.append("  input %\(port.name): \(port.element)\(port.shape.positionText)")
    }
    for port in outputs {
      lines.append("  output %\(port.name): \(port.element)\(port.shape.positionText)")
    }
    lines.append("  constants \(constants.byteCount)")
    lines.append("  arena \(arenaByteCount.map(String.init) ?? "planned at run time")")
    for (number, memory) in buffers.enumerated() {
      lines.append("  buffer \(number) %\(memory.name): \(memory.byteCount) bytes \(text(memory))")
    }
    for (number, step) in steps.enumerated() {
      lines += checks.filter { $0.step == number }.map { "  check \(text($0))" }
      lines.append("  step \(number) \(text(step))")
      if case .run(let region)? = step.region { lines += regionLines(region) }
    }
    for program in specialised {
      lines += program.description.split(separator: "\n").map { "  \($0)" }
    }
    lines.append("}")
    return (lines + kernels.map { "\n\($0)" }).joined(separator: "\n")
  }

  private func text(_ memory: Memory) -> String {
    switch memory.kind {
    case .input(let number): "input \(number)"
    case .output(let number): "output \(number)"
    case .constant(let offset): "constants + \(offset)"
    case .arena(let offset):
      "\(offset.map { "arena + \($0)" } ?? "arena") steps \(memory.firstStep)...\(memory.lastStep)"
    case .part(let whole, let offset): "buffer \(whole) + \(offset)"
    }
  }

  private func regionLines(_ region: Region) -> [String] {
    let arguments = region.arguments.map { argument in
      argument.memory.map { "buffer \($0): \(argument.element)\(argument.shape.positionText)" }
        ?? "_"
    }
    let results = region.results.map { result in
      (result.memory.map { "buffer \($0)" } ?? "_")
        + ": \(result.element)\(result.shape.positionText)"
    }
    let kind =
      switch region.kind {
      case .branches: "branches"
      case .loop(let carried): "loop carrying \(carried)"
      }
    let bodies = region.bodies.flatMap { body in
      body.description.split(separator: "\n").map { "    \($0)" }
    }
    return [
      "    \(kind) of \(arguments.joined(separator: ", ")) to \(results.joined(separator: ", "))"
    ]
      + bodies
  }

  private func text(_ check: Check) -> String {
    let relation =
      switch check.relation {
      case .equal: "is \(check.expected)"
      case .equalOrOne: "is 1 or \(check.expected)"
      case .atMost: "is at most \(check.expected)"
      }
    return "\(check.size) \(relation)  // \(check.label): \(check.subject)"
  }

  private func text(_ step: Step) -> String {
    let kernel =
      kernels.indices.contains(step.kernel) ? "@\(kernels[step.kernel].name)" : "#\(step.kernel)"
    var arguments = step.buffers.map { "buffer \($0)" }
    arguments += step.values.map(\.description)
    var line = "\(kernel)(\(arguments.joined(separator: ", ")))"
    if step.grain != 1 { line += " grain \(step.grain)" }
    if let symbol = step.defines { line += " defines \(symbol.name)" }
    if case .run(let region)? = step.region, !region.defines.isEmpty {
      line += " defines \(region.defines.map(\.name).joined(separator: ", "))"
    }
    return line + "  // \(step.label)"
  }
}
