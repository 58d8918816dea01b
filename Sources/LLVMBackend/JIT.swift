import CLLVM
package import Diagnostics
package import Loops

/// Machine code in this process: kernels compiled for the running machine, callable until the value is gone.
package final class JIT {
  private let jit: LLVMOrcLLJITRef

  /// The machine form of a kernel.
  package typealias Function =
    @convention(c) (
      UnsafePointer<UnsafeMutableRawPointer?>?, UnsafePointer<Int64>?, Int64, Int64,
      UnsafeMutableRawPointer?
    ) -> Void

  /// Compiles kernels.
  ///
  /// - Throws: `backend.jit-failed` when the code cannot be loaded, `backend.no-matrix-tiles`, and what `CodeGenerator` throws.
  package convenience init(_ kernels: [Kernel], for target: Loops.Target) throws(Diagnostic) {
    let named = kernels.map { ($0, Self.symbol($0.name)) }
    try self.init(
      objects: [try CodeGenerator(target).object(named, isHidden: false)], absolutes: [:],
      for: target)
  }

  /// Links object files with each other, with this process and with the given addresses.
  init(
    objects: [[UInt8]], absolutes: [String: UInt], for target: Loops.Target
  ) throws(Diagnostic) {
    try MatrixTiles.request(for: target)
    var created: LLVMOrcLLJITRef?
    try Self.check(LLVMOrcCreateLLJIT(&created, nil))
    guard let created else { throw Diagnostic("backend.jit-failed", "llvm gives no JIT") }
    jit = created
    let library = LLVMOrcLLJITGetMainJITDylib(jit)
    var generator: LLVMOrcDefinitionGeneratorRef?
    try Self.check(
      LLVMOrcCreateDynamicLibrarySearchGeneratorForProcess(
        &generator, LLVMOrcLLJITGetGlobalPrefix(jit), nil, nil))
    LLVMOrcJITDylibAddGenerator(library, generator)
    for (name, address) in absolutes.sorted(by: { $0.key < $1.key }) {
      var pair = LLVMOrcCSymbolMapPair()
      pair.Name = LLVMOrcLLJITMangleAndIntern(jit, name)
      pair.Sym.Address = LLVMOrcJITTargetAddress(address)
      pair.Sym.Flags.GenericFlags = UInt8(LLVMJITSymbolGenericFlagsExported.rawValue)
      try Self.check(LLVMOrcJITDylibDefine(library, LLVMOrcAbsoluteSymbols(&pair, 1)))
    }
    for object in objects {
      let buffer = object.withUnsafeBytes { bytes in
        LLVMCreateMemoryBufferWithMemoryRangeCopy(
          bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, "kernels")
      }
      try Self.check(LLVMOrcLLJITAddObjectFile(jit, library, buffer))
    }
  }

  deinit {
    if let error = LLVMOrcDisposeLLJIT(jit) { LLVMConsumeError(error) }
  }

  /// The address of a symbol.
  package func address(of name: String) throws(Diagnostic) -> UInt {
    var address: LLVMOrcExecutorAddress = 0
    try Self.check(LLVMOrcLLJITLookup(jit, &address, name))
    return UInt(address)
  }

  /// The kernel of that name; it must not be called once the `JIT` is gone.
  package func kernel(_ name: String) throws(Diagnostic) -> Function {
    unsafeBitCast(try address(of: Self.symbol(name)), to: Function.self)
  }

  /// Kernels must not be taken for functions of the C library.
  private static func symbol(_ name: String) -> String { "kernel." + name }

  private static func check(_ error: LLVMErrorRef?) throws(Diagnostic) {
    guard let error else { return }
    throw Diagnostic("backend.jit-failed", "llvm: \(String(consumingError: error))")
  }
}
