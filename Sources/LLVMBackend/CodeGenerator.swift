import CLLVM
package import Diagnostics
package import Loops

/// Turns kernels and programs into machine code for one target.
package struct CodeGenerator: Sendable {
  package let target: Loops.Target
  /// Where kernels are kept that have been compiled; nil compiles all.
  package let cache: KernelCache?

  package init(_ target: Loops.Target, cache: KernelCache? = nil) {
    self.target = target
    self.cache = cache
  }

  /// Text forms that a module can be printed in.
  package enum TextForm: Sendable {
    case unoptimizedLLVM
    case llvm
    case assembly
  }

  /// A kernel and what it is called in the object file.
  typealias Named = (kernel: Kernel, name: String)

  /// What turns memory into registers and moves what does not change out of loops; loops are neither unrolled nor
  /// vectorised, since the loop IR says what they should be.
  static let pipeline = "default<O2>"

  /// The object file of some kernels, each a visible function of its own name.
  package func object(_ kernels: [Kernel]) throws(Diagnostic) -> [UInt8] {
    try object(kernels.map { ($0, $0.name) }, isHidden: false)
  }

  /// Some kernels in a readable form.
  package func text(_ kernels: [Kernel], _ form: TextForm) throws(Diagnostic) -> String {
    let machine = try TargetMachine(target)
    let module = try self.module(kernels.map { ($0, $0.name) }, machine, isHidden: false)
    return try print(module, form, machine)
  }

  func object(_ kernels: [Named], isHidden: Bool) throws(Diagnostic) -> [UInt8] {
    let machine = try TargetMachine(target)
    let module = try self.module(kernels, machine, isHidden: isHidden)
    try module.optimize(Self.pipeline, machine: machine)
    return try machine.emit(module, as: LLVMObjectFile)
  }

  func module(
    _ kernels: [Named], _ machine: TargetMachine, isHidden: Bool
  ) throws(Diagnostic) -> LLVMModule {
    let module = LLVMModule(name: "kernels", machine: machine)
    for (kernel, name) in kernels {
      try KernelEmitter.emit(
        kernel, as: name, for: target, into: module.builder, isHidden: isHidden)
    }
    try module.verify()
    return module
  }

  func print(
    _ module: LLVMModule, _ form: TextForm, _ machine: TargetMachine
  ) throws(Diagnostic) -> String {
    if form == .unoptimizedLLVM { return module.text }
    try module.optimize(Self.pipeline, machine: machine)
    if form == .llvm { return module.text }
    return String(decoding: try machine.emit(module, as: LLVMAssemblyFile), as: UTF8.self)
  }
}
