import CLLVM
package import Diagnostics
import Dispatch
package import Loops
import Synchronization

/// Whole programs as object files.
extension CodeGenerator {
  /// How many modules the kernels of a program are spread over; fixed, so that the machine does not show in the output.
  private static let moduleCount = 8

  /// Object files that together with the constants make the model: kernels, then the descriptor.
  ///
  /// Kernels are visible to the artefact only, unless `isHidden` is false, as the JIT needs it. They are compiled on
  /// all processors, each module in a context of its own; the result does not depend on how many there are.
  package func objects(
    _ program: Program, names: SymbolNames = SymbolNames(), options: ModelOptions = ModelOptions(),
    isHidden: Bool = true
  ) throws(Diagnostic) -> [[UInt8]] {
    let numbered = Array(program.kernels.enumerated())
    let groups = (0..<min(Self.moduleCount, numbered.count)).map { group in
      numbered.filter { $0.offset % Self.moduleCount == group }.map {
        (kernel: $0.element, name: names.kernel($0.offset, $0.element))
      }
    }
    var objects = try Self.concurrently(groups.count) { group throws(Diagnostic) in
      try object(groups[group], isHidden: isHidden)
    }
    let machine = try TargetMachine(target)
    let module = try descriptor(program, machine, names, options, isHidden: isHidden)
    try module.optimize(Self.pipeline, machine: machine)
    objects.append(try machine.emit(module, as: LLVMObjectFile))
    return objects
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
    let model = try descriptor(program, machine, names, options, isHidden: true)
    return try print(kernels, form, machine) + "\n" + print(model, form, machine)
  }

  private func descriptor(
    _ program: Program, _ machine: TargetMachine, _ names: SymbolNames, _ options: ModelOptions,
    isHidden: Bool
  ) throws(Diagnostic) -> LLVMModule {
    let module = LLVMModule(name: "model", machine: machine)
    let emitter = DescriptorEmitter(
      program: program, names: names, options: options, target: target, isHidden: isHidden)
    try emitter.emit(into: module.builder)
    try module.verify()
    return module
  }

  /// An object file that holds the bytes of a file, which LLVM reads and writes but never parses.
  package func constantsObject(
    file path: String, names: SymbolNames = SymbolNames()
  ) throws(Diagnostic) -> [UInt8] {
    let machine = try TargetMachine(target)
    let module = LLVMModule(name: "constants", machine: machine)
    let quoted = path.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    let assembly = """
      .section .martlet.constants,"a",@progbits
      .balign 4096
      .globl \(names.constants)
      .hidden \(names.constants)
      .type \(names.constants),@object
      \(names.constants):
      .incbin "\(quoted)"
      .size \(names.constants), .-\(names.constants)
      """
    LLVMSetModuleInlineAsm2(module.builder.module, assembly, assembly.utf8.count)
    return try machine.emit(module, as: LLVMObjectFile)
  }

  /// The results of `count` independent computations, in order.
  private static func concurrently<Result: Sendable>(
    _ count: Int, _ compute: @Sendable (Int) throws(Diagnostic) -> Result
  ) throws(Diagnostic) -> [Result] {
    let results = Mutex<[Int: Swift.Result<Result, Diagnostic>]>([:])
    DispatchQueue.concurrentPerform(iterations: count) { number in
      let result = Swift.Result { () throws(Diagnostic) in try compute(number) }
      results.withLock { $0[number] = result }
    }
    let finished = results.withLock { $0 }
    var ordered: [Result] = []
    for number in 0..<count {
      if let result = finished[number] { ordered.append(try result.get()) }
    }
    return ordered
  }
}
