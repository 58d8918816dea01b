package import Loops
package import Tensors

/// Collects memories, kernels and steps of a program, sharing equal kernels.
package struct ProgramBuilder {
  package private(set) var program: Program
  package let target: Target
  /// The node that is being lowered: the steps that follow are there for it.
  package var node = ""
  /// What was chosen for the node's kernels that follow, and why.
  package var note = ""
  /// Symbols that have a value by now: from the inputs' shapes, or from a step.
  package private(set) var knownSymbols: Set<Symbol>
  /// The step from which on a symbol that a step computes has its value.
  private var definedBefore: [Symbol: Int] = [:]
  /// What has been asked already, whoever did.
  private var questions: Set<Question> = []
  private var kernelNumbers: [Kernel: Int] = [:]
  private var kernelNames: [String: Int] = [:]

  private struct Question: Hashable {
    let size: IndexExpr
    let relation: Program.Check.Relation
    let expected: IndexExpr
  }

  package init(name: String, inputs: [Program.Port], target: Target) {
    program = Program(name: name, inputs: inputs, outputs: [])
    self.target = target
    knownSymbols = Set(program.inputSymbols)
  }

  package mutating func memory(
    _ name: String, _ kind: Program.Memory.Kind, byteCount: IndexExpr
  ) -> Int {
    program.buffers.append(Program.Memory(name: name, kind: kind, byteCount: byteCount))
    return program.buffers.count - 1
  }

  /// Working memory for a tensor in a layout.
  package mutating func allocate(
    _ name: String, _ element: ElementType, _ shape: [IndexExpr], _ layout: Layout
  ) -> Placed {
    let memory = memory(
      name, .arena(offset: nil), byteCount: layout.byteCount(shape, element))
    return Placed(memory: memory, element: element, shape: shape, layout: layout)
  }

  /// The memory of some channels of a tensor of one image in blocks, from one that begins a block.
  package mutating func part(
    _ name: String, of whole: Placed, firstChannel: Int, channels: IndexExpr
  ) -> Placed {
    var shape = whole.shape
    shape[1] = channels
    let perBlock = whole.layout.storedShape(whole.shape).dropFirst(2).reduce(1, *)
    let size = max(1, whole.element.bitWidth / 8)
    let (memory, start) = origin(of: whole.memory)
    let offset = (perBlock.value ?? 0) * size * (firstChannel / (whole.layout.block ?? 1))
    let part = self.memory(
      name, .part(of: memory, byteOffset: start + offset),
      byteCount: whole.layout.byteCount(shape, whole.element))
    return Placed(memory: part, element: whole.element, shape: shape, layout: whole.layout)
  }

  /// Where a memory begins: the memory that it is a part of, or itself, and how many bytes into that.
  package func origin(of memory: Int) -> (memory: Int, byteOffset: Int) {
    guard case .part(let whole, let offset) = program.buffers[memory].kind else {
      return (memory, 0)
    }
    return (whole, offset)
  }

  /// Constant memory holding the bytes of `tensor`, seen as a tensor of `shape` in `layout`.
  package mutating func constant(
    _ name: String, _ tensor: Tensor, as shape: [IndexExpr]? = nil, layout: Layout = .plain
  ) -> Placed {
    let offset = program.constants.append(tensor)
    let memory = memory(name, .constant(offset: offset), byteCount: IndexExpr(tensor.byteCount))
    return Placed(
      memory: memory, element: tensor.type, shape: shape ?? tensor.shape.map { IndexExpr($0) },
      layout: layout)
  }

  /// Whether sizes have their values before the first step that uses a memory, or a part of it.
  ///
  /// An output's memory is as large as its shape says when that step runs.
  func areKnown(_ sizes: [IndexExpr], whenWriting memory: Int) -> Bool {
    let symbols = sizes.reduce(into: Set()) { $0.formUnion($1.symbols) }
    return !program.steps.prefix(firstStep(knowing: symbols)).contains { step in
      step.buffers.contains { origin(of: $0).memory == memory }
    }
  }

  /// The first step before which every one of some symbols has its value.
  private func firstStep(knowing symbols: Set<Symbol>) -> Int {
    symbols.compactMap { definedBefore[$0] }.max() ?? 0
  }

  /// Makes working memory an output of the program.
  package mutating func makeOutput(_ memory: Int, _ port: Program.Port) {
    program.buffers[memory].kind = .output(program.outputs.count)
    program.outputs.append(port)
  }

  /// Appends a launch of the kernel that `builder` and `body` make.
  ///
  /// - Parameters:
  ///   - family: the start of the kernel's name.
  ///   - work: scalar operations of the whole launch, where known: decides how finely threads split it.
  ///   - note: what was chosen and why, where it is not the node's.
  package mutating func launch(
    _ label: String, family: String, _ builder: KernelBuilder, body: [Statement],
    work: IndexExpr = 0, defines: Symbol? = nil, note: String? = nil
  ) {
    if let defines {
      knownSymbols.insert(defines)
      definedBefore[defines] = program.steps.count + 1
    }
    let kernel = builder.kernel(named: "", body: body)
    let number = number(of: kernel, family: family)
    program.steps.append(
      Program.Step(
        label: label, kernel: number, buffers: builder.memories,
        values: kernel.values.map { IndexExpr($0) },
        grain: Self.grain(count: kernel.parallelCount, work: work), defines: defines, node: node,
        note: note ?? self.note))
  }

  /// Notes symbols that the next step gives their values.
  mutating func define(_ symbols: [Symbol]) {
    for symbol in symbols {
      knownSymbols.insert(symbol)
      definedBefore[symbol] = program.steps.count + 1
    }
  }

  /// Says what the last step does for a region.
  mutating func mark(_ part: Program.RegionPart) {
    program.steps[program.steps.count - 1].region = part
  }

  /// The number of a kernel of another program among this one's.
  mutating func take(_ kernel: Kernel) -> Int {
    let unnamed = Kernel(
      name: "", parameters: kernel.parameters, values: kernel.values,
      scratchByteCount: kernel.scratchByteCount, body: kernel.body)
    let family = kernel.name.split(separator: "_").dropLast().joined(separator: "_")
    return number(of: unnamed, family: family)
  }

  mutating func append(_ tensor: Tensor) -> Int { program.constants.append(tensor) }

  /// Takes over a program that does the same for inputs of one size.
  mutating func add(specialised inner: Program) { program.specialised.append(adopt(inner)) }

  private mutating func number(of kernel: Kernel, family: String) -> Int {
    if let known = kernelNumbers[kernel] { return known }
    let number = program.kernels.count
    let count = kernelNames[family, default: 0]
    kernelNames[family] = count + 1
    program.kernels.append(
      Kernel(
        name: "\(family)_\(count)", parameters: kernel.parameters, values: kernel.values,
        scratchByteCount: kernel.scratchByteCount, body: kernel.body))
    kernelNumbers[kernel] = number
    return number
  }

  /// Iterations per claim: enough work, some microseconds of it, to pay for handing it to another thread that is looking
  /// out for it, and about sixteen claims in all.
  private static func grain(count: IndexExpr, work: IndexExpr) -> Int {
    guard let count = count.value, count > 1 else { return 1 }
    guard let work = work.value, work > 0 else { return max(1, count / 16) }
    let worthwhile = 30_000
    if work < 2 * worthwhile { return count }
    return max(1, min(count / 16, max(1, worthwhile * count / work)), count / 64)
  }

  /// Asks for two sizes to be compared when the program runs, as soon as both are known.
  ///
  /// The same question is asked once, for the first operator that has it.
  package mutating func require(_ check: Program.Check) {
    let question = Question(
      size: check.size, relation: check.relation, expected: check.expected)
    if questions.insert(question).inserted { program.checks.append(check) }
  }

  /// Finds out before which step every comparison can be made. One of sizes that nothing ever computes goes: no step uses
  /// them.
  private func placedChecks() -> [Program.Check] {
    program.checks.compactMap { check in
      let symbols = check.size.symbols.union(check.expected.symbols)
      guard symbols.isSubset(of: knownSymbols) else { return nil }
      var placed = check
      placed.step = firstStep(knowing: symbols)
      return placed.step < program.steps.count ? placed : nil
    }
  }

  /// The finished program: live ranges, and offsets in the arena where sizes are known.
  package consuming func finish() -> Program {
    var program = program
    program.checks = placedChecks()
    var ranges: [Int: ClosedRange<Int>] = [:]
    for (number, step) in program.steps.enumerated() {
      for memory in step.buffers.map({ origin(of: $0).memory }) {
        ranges[memory] = (ranges[memory]?.lowerBound ?? number)...number
      }
    }
    for (memory, range) in ranges {
      program.buffers[memory].firstStep = range.lowerBound
      program.buffers[memory].lastStep = range.upperBound
    }
    ArenaPlan.assign(&program)
    return program
  }
}
