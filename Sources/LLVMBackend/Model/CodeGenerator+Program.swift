import CLLVM
package import Diagnostics
package import Loops
import Tensors

/// Whole programs as object files.
extension CodeGenerator {
  /// Object files that together with the constants make the model: kernels, then the descriptor.
  ///
  /// Kernels are compiled on all processors, each in a module of its own; the result does not depend on how many there
  /// are, nor on what the cache held. The descriptor is visible to the artefact only, unless `isHidden` is false.
  package func code(
    for program: Program, names: SymbolNames = SymbolNames(),
    options: ModelOptions = ModelOptions(), isHidden: Bool = true
  ) throws(Diagnostic) -> GeneratedCode {
    let kernels = program.kernels
    let identities = try concurrently(kernels.count) { number throws(Diagnostic) in
      try identity(of: kernels[number])
    }
    var seen: Set<KernelIdentity> = []
    let distinct = kernels.indices.filter { seen.insert(identities[$0]).inserted }
    let known = distinct.map { cache?.object(for: identities[$0].key) }
    let missing = distinct.indices.filter { known[$0] == nil }
    let compiled = try concurrently(missing.count) { number throws(Diagnostic) in
      let kernel = distinct[missing[number]]
      let object = try object(kernels[kernel], as: identities[kernel].symbol)
      cache?.insert(object, for: identities[kernel].key)
      return object
    }
    if !missing.isEmpty { cache?.trim() }
    var objects = known
    for (number, object) in zip(missing, compiled) { objects[number] = object }

    let machine = try TargetMachine(target)
    let module = try descriptor(
      program, machine, names, kernels: identities.map(\.symbol), options, isHidden: isHidden)
    try module.optimize(Self.pipeline, machine: machine)
    return GeneratedCode(
      kernels: objects.compactMap { $0 }, descriptor: try machine.emit(module, as: LLVMObjectFile),
      cachedKernelCount: distinct.count - missing.count)
  }

  /// The program in a readable form: its kernels in order, then the descriptor.
  package func text(
    _ program: Program, _ form: TextForm, names: SymbolNames = SymbolNames(),
    options: ModelOptions = ModelOptions()
  ) throws(Diagnostic) -> String {
    let machine = try TargetMachine(target)
    let named = program.kernels.enumerated().map { number, kernel in
      (kernel: kernel, name: names.kernel(number, kernel))
    }
    let kernels = try module(named, machine, isHidden: true)
    let model = try descriptor(
      program, machine, names, kernels: named.map(\.name), options, isHidden: true)
    return try print(kernels, form, machine) + "\n" + print(model, form, machine)
  }

  private func descriptor(
    _ program: Program, _ machine: TargetMachine, _ names: SymbolNames, kernels: [String],
    _ options: ModelOptions, isHidden: Bool
  ) throws(Diagnostic) -> LLVMModule {
    let module = LLVMModule(name: "model", machine: machine)
    let emitter = DescriptorEmitter(
      program: program, names: names, kernels: kernels, options: options, target: target,
      isHidden: isHidden)
    try emitter.emit(into: module.builder)
    try module.verify()
    return module
  }
}
