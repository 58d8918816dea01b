import CLLVM
import Diagnostics
import Loops

/// Single kernels as object files, which programs share.
extension CodeGenerator {
  /// A kernel's name in object files and its key in the cache, both of which follow from its code.
  struct KernelIdentity: Hashable, Sendable {
    let symbol: String
    let key: ContentHash
  }

  /// What the code of a kernel is known by.
  ///
  /// Its code follows from the module before LLVM's passes, the target, and the build of LLVM: the key is a hash of all
  /// of them. A change of the emitter shows in the module, and kernels that differ in nothing that matters have one key.
  func identity(of kernel: Kernel) throws(Diagnostic) -> KernelIdentity {
    let machine = try TargetMachine(target)
    let family = SymbolNames.family(of: kernel)
    let module = LLVMModule(name: Self.kernelModule, machine: machine, keepsNames: false)
    try KernelEmitter.emit(
      kernel, as: family, for: target, into: module.builder, isHidden: true)
    let settings = [
      Self.objectForm, family, target.triple, target.cpu, target.features, TargetMachine.settings,
      Self.pipeline,
    ]
    let key = ContentHash(
      settings.map { Array($0.utf8) } + [CodeGeneratorBuild.identifier, module.bitcode])
    return KernelIdentity(symbol: SymbolNames.kernel(family, key), key: key)
  }

  /// The object file of a kernel, which defines its symbol: hidden, and once in a program that links it twice.
  func object(_ kernel: Kernel, as symbol: String) throws(Diagnostic) -> [UInt8] {
    let machine = try TargetMachine(target)
    let module = LLVMModule(name: Self.kernelModule, machine: machine, keepsNames: false)
    let functions = try KernelEmitter.emit(
      kernel, as: symbol, for: target, into: module.builder, isHidden: true)
    let group = LLVMGetOrInsertComdat(module.builder.module, symbol)
    for function in [functions.wrapper, functions.body] { LLVMSetComdat(function, group) }
    LLVMSetLinkage(functions.wrapper, LLVMWeakODRLinkage)
    try module.verify()
    try module.optimize(Self.pipeline, machine: machine)
    return try machine.emit(module, as: LLVMObjectFile)
  }

  private static let kernelModule = "kernel"

  /// What `object(_:as:)` adds to the module that is hashed, and how symbols are made of the key; to be changed with
  /// either.
  private static let objectForm = "one group, weak, 24 digits"
}
