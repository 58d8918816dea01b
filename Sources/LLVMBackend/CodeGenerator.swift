import CLLVM
package import Diagnostics
package import Loops

/// Turns kernels into machine code for one target.
package struct CodeGenerator: Sendable {
  package let target: Loops.Target

  package init(_ target: Loops.Target) { self.target = target }

  /// Text forms that a module can be printed in.
  package enum TextForm: Sendable {
    case unoptimizedLLVM
    case llvm
    case assembly
  }

  /// The object file of some kernels, each a visible function of its own name.
  package func object(_ kernels: [Kernel]) throws(Diagnostic) -> [UInt8] {
    let machine = try TargetMachine(target)
    let module = try self.module(kernels, machine, prefix: "", isHidden: false)
    try module.optimize(Self.pipeline, machine: machine)
    return try machine.emit(module, as: LLVMObjectFile)
  }

  /// The kernels in a readable form.
  package func text(_ kernels: [Kernel], _ form: TextForm) throws(Diagnostic) -> String {
    let machine = try TargetMachine(target)
    let module = try self.module(kernels, machine, prefix: "", isHidden: false)
    if form == .unoptimizedLLVM { return module.text }
    try module.optimize(Self.pipeline, machine: machine)
    if form == .llvm { return module.text }
    return String(decoding: try machine.emit(module, as: LLVMAssemblyFile), as: UTF8.self)
  }

  func module(
    _ kernels: [Kernel], _ machine: TargetMachine, prefix: String, isHidden: Bool
  ) throws(Diagnostic) -> LLVMModule {
    let module = LLVMModule(name: "kernels", machine: machine)
    for kernel in kernels {
      try KernelEmitter.emit(
        kernel, as: prefix + kernel.name, for: target, into: module.builder, isHidden: isHidden)
    }
    try module.verify()
    return module
  }

  static let pipeline = "default<O2>"
}
