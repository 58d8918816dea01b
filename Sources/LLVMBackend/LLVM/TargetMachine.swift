import CLLVM
import Diagnostics
import Loops

/// Owns LLVM's description of a target: instruction selection, data layout, object format.
final class TargetMachine {
  let target: Loops.Target
  let ref: LLVMTargetMachineRef

  /// What is the same for all targets: the arguments of `LLVMCreateTargetMachine`.
  static let settings = "default position-independent small"

  /// - Throws: `backend.unknown-target` when this LLVM cannot generate code for the triple.
  init(_ target: Loops.Target) throws(Diagnostic) {
    initializeLLVM
    var found: LLVMTargetRef?
    var message: UnsafeMutablePointer<CChar>?
    if LLVMGetTargetFromTriple(target.triple, &found, &message) != 0 {
      let text = message.map { String(consuming: $0) } ?? ""
      throw Diagnostic(
        "backend.unknown-target", "no code generator for '\(target.triple)': \(text)")
    }
    guard
      let machine = LLVMCreateTargetMachine(
        found, target.triple, target.cpu, target.features, LLVMCodeGenLevelDefault,
        LLVMRelocPIC, LLVMCodeModelSmall)
    else {
      throw Diagnostic(
        "backend.unknown-target", "llvm refuses cpu '\(target.cpu)' for '\(target.triple)'")
    }
    self.target = target
    ref = machine
  }

  deinit { LLVMDisposeTargetMachine(ref) }

  /// The module as an object file or as assembly text.
  func emit(_ module: LLVMModule, as kind: LLVMCodeGenFileType) throws(Diagnostic) -> [UInt8] {
    var message: UnsafeMutablePointer<CChar>?
    var buffer: LLVMMemoryBufferRef?
    if LLVMTargetMachineEmitToMemoryBuffer(ref, module.builder.module, kind, &message, &buffer) != 0
    {
      let text = message.map { String(consuming: $0) } ?? ""
      throw .internal("backend.emission-failed", "llvm: \(text)")
    }
    defer { LLVMDisposeMemoryBuffer(buffer) }
    let bytes = UnsafeRawBufferPointer(
      start: LLVMGetBufferStart(buffer), count: LLVMGetBufferSize(buffer))
    return Array(bytes)
  }
}

/// Registers the code generators once per process.
private let initializeLLVM: Void = {
  LLVMInitializeX86TargetInfo()
  LLVMInitializeX86Target()
  LLVMInitializeX86TargetMC()
  LLVMInitializeX86AsmPrinter()
  LLVMInitializeX86AsmParser()
  LLVMInitializeAArch64TargetInfo()
  LLVMInitializeAArch64Target()
  LLVMInitializeAArch64TargetMC()
  LLVMInitializeAArch64AsmPrinter()
  LLVMInitializeAArch64AsmParser()
}()
