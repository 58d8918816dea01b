import CLLVM
import Diagnostics
import Loops

/// Owns one LLVM context with a module and a builder in it.
///
/// Contexts share nothing, so each may be used from a thread of its own.
final class LLVMModule {
  let builder: Builder

  /// - Parameter keepsNames: whether values keep their names, which readers of the text want.
  init(name: String, machine: TargetMachine, keepsNames: Bool = true) {
    let context: LLVMContextRef = LLVMContextCreate()
    LLVMContextSetDiscardValueNames(context, keepsNames ? 0 : 1)
    let module: LLVMModuleRef = LLVMModuleCreateWithNameInContext(name, context)
    LLVMSetTarget(module, machine.target.triple)
    let layout = LLVMCreateTargetDataLayout(machine.ref)
    LLVMSetModuleDataLayout(module, layout)
    LLVMDisposeTargetData(layout)
    builder = Builder(
      context: context, module: module, ref: LLVMCreateBuilderInContext(context))
  }

  deinit {
    LLVMDisposeBuilder(builder.ref)
    LLVMDisposeModule(builder.module)
    LLVMContextDispose(builder.context)
  }

  /// The module as LLVM assembly.
  var text: String { String(consuming: LLVMPrintModuleToString(builder.module)) }

  /// The module in LLVM's own format, which holds all that code generation follows from.
  var bitcode: [UInt8] {
    guard let buffer = LLVMWriteBitcodeToMemoryBuffer(builder.module) else { return [] }
    defer { LLVMDisposeMemoryBuffer(buffer) }
    return Array(
      UnsafeRawBufferPointer(
        start: LLVMGetBufferStart(buffer), count: LLVMGetBufferSize(buffer)))
  }

  /// Throws where LLVM's own verifier objects, which is always a bug of the emitter.
  func verify() throws(Diagnostic) {
    var message: UnsafeMutablePointer<CChar>?
    let failed = LLVMVerifyModule(builder.module, LLVMReturnStatusAction, &message)
    let text = message.map { String(consuming: $0) } ?? ""
    if failed != 0 {
      throw .internal("backend.invalid-ir", "llvm rejects the generated module: \(text)")
    }
  }

  /// Runs a pass pipeline in the textual form of `opt -passes`.
  func optimize(_ pipeline: String, machine: TargetMachine) throws(Diagnostic) {
    let options = LLVMCreatePassBuilderOptions()
    defer { LLVMDisposePassBuilderOptions(options) }
    LLVMPassBuilderOptionsSetLoopVectorization(options, 0)
    LLVMPassBuilderOptionsSetLoopInterleaving(options, 0)
    LLVMPassBuilderOptionsSetSLPVectorization(options, 0)
    LLVMPassBuilderOptionsSetLoopUnrolling(options, 0)
    if let error = LLVMRunPasses(builder.module, pipeline, machine.ref, options) {
      throw .internal("backend.pass-failed", "llvm: \(String(consumingError: error))")
    }
  }
}

extension String {
  /// Copies a message of LLVM's and frees it.
  init(consuming message: UnsafeMutablePointer<CChar>) {
    self = String(cString: message)
    LLVMDisposeMessage(message)
  }

  /// Copies the text of an error and frees the error.
  init(consumingError error: LLVMErrorRef) {
    guard let message = LLVMGetErrorMessage(error) else {
      self = "unknown error"
      return
    }
    self = String(cString: message)
    LLVMDisposeErrorMessage(message)
  }
}
