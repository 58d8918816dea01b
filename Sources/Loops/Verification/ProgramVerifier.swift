package import Diagnostics
import Tensors

extension Program {
  /// Everything that is wrong with a program: with its kernels (see `KernelVerifier`) and with how they are launched.
  ///
  /// - `loops.program`: kernels have different names; steps name kernels and buffers that exist and pass as many as
  ///   the kernel takes; nothing writes to inputs or constants; values, checks and the sizes of memories that a step
  ///   touches use only symbols that are bound by then; parts lie inside working memory; working memory has room in
  ///   the arena and is not shared by buffers that are live together, unless a step works in place.
  package func verify(target: Target? = nil) -> DiagnosticList {
    var found = DiagnosticList()
    var names: Set<String> = []
    for kernel in kernels {
      found.append(contentsOf: KernelVerifier.verify(kernel, target: target))
      if !names.insert(kernel.name).inserted {
        found.append(problem("two kernels are named '\(kernel.name)'"))
      }
    }
    found.append(contentsOf: verifyLaunches())
    var inner = specialised
    for step in steps {
      if case .run(let region)? = step.region { inner += region.bodies }
    }
    for var program in inner {
      program.kernels = kernels
      found.append(contentsOf: program.verify(target: target))
    }
    for message in arenaProblems + partProblems { found.append(problem(message)) }
    return found
  }

  /// What is wrong with how kernels are launched: the rules of `verify(target:)` but those for kernels, for offsets in
  /// working memory and for programs inside this one.
  ///
  /// Takes a time proportional to the number of steps: every program that is lowered is asked.
  package func verifyLaunches() -> DiagnosticList {
    var found = DiagnosticList()
    var bound = Set(inputSymbols)
    func report(_ message: String) { found.append(problem(message)) }
    for (number, step) in steps.enumerated() {
      for problem in problems(of: step, bound) { report("step \(number): \(problem)") }
      for check in checks where check.step == number {
        let free = check.size.symbols.union(check.expected.symbols).subtracting(bound)
        if !free.isEmpty {
          report("'\(check.label)' compares \(free.map(\.name).sorted()), not bound yet")
        }
      }
      if let symbol = step.defines { bound.insert(symbol) }
      if case .run(let region)? = step.region {
        for problem in problems(of: region, at: number) { report("step \(number): \(problem)") }
        bound.formUnion(region.defines)
      }
    }
    for program in specialised where !program.inputSymbols.isEmpty {
      report("a specialised program has open sizes")
    }
    if checks.contains(where: { !steps.indices.contains($0.step) }) {
      report("a check belongs to no step")
    }
    return found
  }

  private func problem(_ message: String) -> Diagnostic {
    .internal("loops.program", "program '\(name)': \(message)")
  }

  private func problems(of region: Region, at number: Int) -> [String] {
    guard number + 1 < steps.count, steps[number + 1].region == .take else {
      return ["no step takes the results"]
    }
    var problems: [String] = []
    let memories = region.arguments.map(\.memory) + region.results.map(\.memory)
    for case let memory? in memories where !buffers.indices.contains(memory) {
      problems.append("there is no buffer \(memory)")
    }
    let own = region.kind == .branches ? 1 : 0
    for body in region.bodies where body.inputs.count != region.arguments.count - own {
      problems.append(
        "a body takes \(body.inputs.count) inputs, of \(region.arguments.count) arguments")
    }
    return problems
  }

  private func problems(of step: Step, _ bound: Set<Symbol>) -> [String] {
    guard kernels.indices.contains(step.kernel) else {
      return ["there is no kernel \(step.kernel)"]
    }
    let kernel = kernels[step.kernel]
    guard step.buffers.count == kernel.parameters.count, step.values.count == kernel.values.count
    else {
      return [
        "'\(kernel.name)' gets \(step.buffers.count) buffers and \(step.values.count) values,"
          + " expected \(kernel.parameters.count) and \(kernel.values.count)"
      ]
    }
    var problems: [String] = []
    for (number, parameter) in zip(step.buffers, kernel.parameters) {
      guard buffers.indices.contains(number) else {
        problems.append("there is no buffer \(number)")
        continue
      }
      switch buffers[number].kind {
      case .input, .constant:
        if parameter.isWritten { problems.append("'\(buffers[number].name)' is written") }
      case .output, .arena, .part: break
      }
      let free = sizeSymbols(of: number).subtracting(bound).map(\.name).sorted()
      if !free.isEmpty {
        problems.append("the size of '\(buffers[number].name)' is not bound yet: \(free)")
      }
    }
    for value in step.values {
      let free = value.symbols.subtracting(bound).map(\.name).sorted()
      if !free.isEmpty { problems.append("'\(value)' uses \(free), not bound yet") }
    }
    if step.grain < 1 { problems.append("grain \(step.grain)") }
    return problems
  }

  /// What the room for a memory follows from when the program runs: an output's from its shape.
  private func sizeSymbols(of number: Int) -> Set<Symbol> {
    switch buffers[number].kind {
    case .output(let port) where outputs.indices.contains(port):
      return outputs[port].shape.reduce(into: []) { $0.formUnion($1.symbols) }
    case .part(let whole, _) where buffers.indices.contains(whole):
      return buffers[whole].byteCount.symbols
    default: return buffers[number].byteCount.symbols
    }
  }

  private var partProblems: [String] {
    buffers.compactMap { memory in
      guard case .part(let number, let offset) = memory.kind else { return nil }
      guard buffers.indices.contains(number), case .arena = buffers[number].kind else {
        return "'\(memory.name)' is no part of working memory"
      }
      guard let end = memory.byteCount.value.map({ offset + $0 }),
        let room = buffers[number].byteCount.value, offset >= 0, end <= room
      else { return "'\(memory.name)' does not lie inside '\(buffers[number].name)'" }
      return nil
    }
  }

  private var arenaProblems: [String] {
    var problems: [String] = []
    var placed: [(memory: Memory, range: Range<Int>)] = []
    for memory in buffers {
      guard case .arena(let offset?) = memory.kind, let count = memory.byteCount.value else {
        continue
      }
      let range = offset..<offset + count
      if let arenaByteCount, range.upperBound > arenaByteCount {
        problems.append("'\(memory.name)' ends at \(range.upperBound) of \(arenaByteCount)")
      }
      for other in placed where other.range.overlaps(range) && !range.isEmpty {
        let first = max(memory.firstStep, other.memory.firstStep)
        let last = min(memory.lastStep, other.memory.lastStep)
        // Where one ends in the step that the other begins with, that step works in place.
        if first < last {
          problems.append(
            "'\(memory.name)' and '\(other.memory.name)' share memory in steps \(first)...\(last)")
        }
      }
      placed.append((memory, range))
    }
    return problems
  }
}
