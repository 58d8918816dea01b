import CLLVM
import Diagnostics
import Loops
import Tensors

/// Emits the `martlet_model` of a program (`martlet_model.h`): constant data that points at kernels and constants.
struct DescriptorEmitter {
  let program: Program
  let names: SymbolNames
  /// What the kernels are called in object files.
  let kernels: [String]
  let options: ModelOptions
  let target: Loops.Target
  let isHidden: Bool

  /// `MARTLET_MODEL_VERSION`.
  private static let version = 5

  func emit(into builder: Builder) throws(Diagnostic) {
    var computeCount = 0
    let model = try model(program, &computeCount, ConstantData(b: builder))
    let global: LLVMValueRef = LLVMAddGlobal(
      builder.module, builder.type(of: model), names.descriptor)
    LLVMSetInitializer(global, model)
    LLVMSetGlobalConstant(global, 1)
    if isHidden { LLVMSetVisibility(global, LLVMHiddenVisibility) }
  }

  /// The `martlet_model` of the program or of one inside it.
  ///
  /// - Parameter computeCount: how many functions that compute values there are so far.
  func model(
    _ program: Program, _ computeCount: inout Int, _ data: ConstantData
  ) throws(Diagnostic) -> LLVMValueRef {
    var values = ModelValues(program)
    let inputs = ports(program.inputs, data, &values)
    let outputs = ports(program.outputs, data, &values)
    let memories = program.buffers.map { memory($0, data, &values) }
    var steps: [LLVMValueRef] = []
    for step in program.steps {
      steps.append(try self.step(step, data, &values, &computeCount))
    }
    let checks = program.checks.map { check($0, data, &values) }
    // Sizes are also asked for where no variant runs: to describe the model.
    let compute = try KernelEmitter.emitFunction(
      values.kernel(name: "compute_values"),
      as: names.computeValues + (computeCount == 0 ? "" : "_\(computeCount)"),
      for: target.baseline, into: data.b)
    computeCount += 1
    var specialised: [LLVMValueRef] = []
    for inner in program.specialised {
      specialised.append(data.reference(try model(inner, &computeCount, data)))
    }
    let requirements = InstructionSet.allCases.filter(target.requirements.contains)
    // Programs inside this one share its scratch memory and its constants.
    let scratch = self.program.kernels.map(\.scratchByteCount).max() ?? 0
    let constants =
      self.program.constants.byteCount == 0
      ? data.null : data.external(names.constants, isHidden: isHidden)
    return data.structure([
      data.int32(Self.version), data.int32(program.inputs.count),
      data.int32(program.outputs.count), data.int32(memories.count), data.int32(steps.count),
      data.int32(checks.count), data.int32(values.count), data.int32(values.symbols.count), inputs,
      outputs, data.array(memories), data.array(steps), data.array(checks), compute, constants,
      data.int64(self.program.constants.byteCount), data.int64(program.arenaByteCount ?? -1),
      data.int64(scratch), data.int32(options.threads),
      data.array(values.symbols.map { data.string($0.name) }), data.string(options.metadata),
      data.string(target.name), data.array(requirements.map { data.string($0.rawValue) }),
      data.int32(requirements.count), program.refusal.map { data.string($0) } ?? data.null,
      data.int32(specialised.count), data.array(specialised),
    ])
  }

  private func ports(
    _ ports: [Program.Port], _ data: ConstantData, _ values: inout ModelValues
  ) -> LLVMValueRef {
    var described: [LLVMValueRef] = []
    for port in ports {
      let dimensions = port.shape.map { values.number(of: $0) }
      described.append(
        data.structure([
          data.string(port.name), data.int32(Int(port.element.rawValue)),
          data.int32(port.shape.count), data.indices(dimensions),
        ]))
    }
    return data.array(described)
  }

  private func memory(
    _ memory: Program.Memory, _ data: ConstantData, _ values: inout ModelValues
  ) -> LLVMValueRef {
    let (kind, port, offset) =
      switch memory.kind {
      case .input(let number): (0, number, 0)
      case .output(let number): (1, number, 0)
      case .constant(let offset): (2, -1, offset)
      case .arena(let offset): (3, -1, offset ?? -1)
      case .part(let whole, let offset): (4, whole, offset)
      }
    return data.structure([
      data.int32(kind), data.int32(port), data.int64(offset),
      data.int32(values.number(of: memory.byteCount)), data.int32(memory.firstStep),
      data.int32(memory.lastStep),
    ])
  }

  private func check(
    _ check: Program.Check, _ data: ConstantData, _ values: inout ModelValues
  ) -> LLVMValueRef {
    let relation =
      switch check.relation {
      case .equal: 0
      case .equalOrOne: 1
      case .atMost: 2
      }
    return data.structure([
      data.string(check.label), data.string(check.subject),
      data.int32(values.number(of: check.size)), data.int32(relation),
      data.int32(values.number(of: check.expected)), data.int32(check.step),
    ])
  }

  private func step(
    _ step: Program.Step, _ data: ConstantData, _ values: inout ModelValues,
    _ computeCount: inout Int
  ) throws(Diagnostic) -> LLVMValueRef {
    guard program.kernels.indices.contains(step.kernel) else {
      throw .internal(
        "backend.invalid-program",
        "step '\(step.label)' runs kernel \(step.kernel) of \(program.kernels.count)")
    }
    let kernel = program.kernels[step.kernel]
    guard kernel.values.count == step.values.count, kernel.parameters.count == step.buffers.count
    else {
      throw .internal(
        "backend.invalid-program",
        "step '\(step.label)' passes \(step.buffers.count) buffers and \(step.values.count) values to"
          + " '\(kernel.name)', expected \(kernel.parameters.count) and \(kernel.values.count)")
    }
    let given = Dictionary(zip(kernel.values, step.values), uniquingKeysWith: { first, _ in first })
    let count = kernel.parallelCount.substituting { given[$0] }
    let pointer = data.b.external(
      kernels[step.kernel], data.b.void,
      [data.b.pointer, data.b.pointer, data.b.i64, data.b.i64, data.b.pointer])
    if isHidden { LLVMSetVisibility(pointer, LLVMHiddenVisibility) }
    let defined = step.defines.map { values.number(of: IndexExpr($0)) } ?? -1
    var part = 0
    var region = data.null
    switch step.region {
    case .run(let found)?:
      part = 1
      region = try self.region(found, data, &values, &computeCount)
    case .take?: part = 2
    case nil: break
    }
    return data.structure([
      pointer, data.string(step.label), data.indices(step.buffers),
      data.indices(step.values.map { values.number(of: $0) }), data.int32(step.buffers.count),
      data.int32(step.values.count), data.int32(values.number(of: count)),
      data.int32(step.grain), data.int32(defined), data.int32(part), region,
    ])
  }
}
