import CLLVM
import Diagnostics
import Loops
import Tensors

/// Translates one kernel into LLVM IR.
///
/// The kernel becomes two functions: a private one whose buffer parameters are `noalias` arguments, so that LLVM
/// knows that different parameters never overlap, and a small one with the signature of the launch table that reads
/// the pointers and calls it.
final class KernelEmitter {
  let b: Builder
  let target: Loops.Target
  let kernel: Kernel
  var scope = Scope()
  /// Whether symbols are surely within their declared bounds, so that divisors are not zero.
  var trustsBounds = true
  /// Base pointers of the buffer parameters.
  private(set) var parameters: [LLVMValueRef] = []
  private(set) var scratch: LLVMValueRef
  /// Where allocas go.
  let entry: LLVMBasicBlockRef
  private let begin: LLVMValueRef
  private let end: LLVMValueRef
  private let valuesPointer: LLVMValueRef
  let function: LLVMValueRef

  private init(_ kernel: Kernel, symbolName: String, target: Loops.Target, builder b: Builder) {
    self.kernel = kernel
    self.target = target
    self.b = b
    let count = kernel.parameters.count
    let types = Array(repeating: b.pointer, count: count) + [b.pointer, b.i64, b.i64, b.pointer]
    function = LLVMAddFunction(
      b.module, symbolName + ".body", b.functionType(b.void, types))
    LLVMSetLinkage(function, LLVMInternalLinkage)
    let function = function
    parameters = (0..<count).map { LLVMGetParam(function, UInt32($0)) }
    valuesPointer = LLVMGetParam(function, UInt32(count))
    begin = LLVMGetParam(function, UInt32(count + 1))
    end = LLVMGetParam(function, UInt32(count + 2))
    scratch = LLVMGetParam(function, UInt32(count + 3))
    entry = LLVMAppendBasicBlockInContext(b.context, function, "entry")
    b.position(at: entry)
  }

  /// The two functions of a kernel.
  struct Functions {
    let wrapper: LLVMValueRef
    let body: LLVMValueRef
  }

  /// Adds the kernel's functions to the builder's module under the given symbol name.
  ///
  /// - Throws: an internal diagnostic when the kernel breaks a rule of the loop IR.
  @discardableResult
  static func emit(
    _ kernel: Kernel, as symbolName: String, for target: Loops.Target, into builder: Builder,
    isHidden: Bool
  ) throws(Diagnostic) -> Functions {
    let emitter = KernelEmitter(kernel, symbolName: symbolName, target: target, builder: builder)
    emitter.annotateFunction()
    try emitter.emitBody()
    let wrapper = emitter.emitWrapper(as: symbolName, isHidden: isHidden)
    return Functions(wrapper: wrapper, body: emitter.function)
  }

  /// Adds the kernel as one function of its first buffer parameter only, and returns it.
  static func emitFunction(
    _ kernel: Kernel, as symbolName: String, for target: Loops.Target, into b: Builder
  ) throws(Diagnostic) -> LLVMValueRef {
    let emitter = KernelEmitter(kernel, symbolName: symbolName, target: target, builder: b)
    emitter.trustsBounds = false
    emitter.annotateFunction()
    try emitter.emitBody()
    let outer: LLVMValueRef = LLVMAddFunction(
      b.module, symbolName, b.functionType(b.void, [b.pointer]))
    LLVMSetLinkage(outer, LLVMInternalLinkage)
    emitter.addTargetAttributes(to: outer)
    b.position(at: LLVMAppendBasicBlockInContext(b.context, outer, "entry"))
    let null = b.zero(b.pointer)
    _ = b.call(
      emitter.function, [LLVMGetParam(outer, 0), null, b.index(0), b.index(1), null])
    LLVMBuildRetVoid(b.ref)
    return outer
  }

  private func emitBody() throws(Diagnostic) {
    let start = b.block("start")
    b.position(at: start)
    for (number, symbol) in kernel.values.enumerated() {
      let address = gep(b.i64, valuesPointer, b.index(number))
      scope.define(symbol, .uniform(LLVMBuildLoad2(b.ref, b.i64, address, symbol.name)))
    }
    scope.depth = 1
    let usesTiles = kernel.usesMatrixTiles
    if usesTiles { try configureTiles() }
    try emitParallel(kernel.parallelLoops, begin: begin, end: end)
    if usesTiles { releaseTiles() }
    LLVMBuildRetVoid(b.ref)
    b.position(at: entry)
    b.branch(to: start)
  }

  private func emitWrapper(as symbolName: String, isHidden: Bool) -> LLVMValueRef {
    let type = b.functionType(b.void, [b.pointer, b.pointer, b.i64, b.i64, b.pointer])
    let wrapper: LLVMValueRef = LLVMAddFunction(b.module, symbolName, type)
    if isHidden { LLVMSetVisibility(wrapper, LLVMHiddenVisibility) }
    addTargetAttributes(to: wrapper)
    b.position(at: LLVMAppendBasicBlockInContext(b.context, wrapper, "entry"))
    var arguments: [LLVMValueRef] = parameters.indices.map { number in
      LLVMBuildLoad2(
        b.ref, b.pointer, gep(b.pointer, LLVMGetParam(wrapper, 0), b.index(number)), "")
    }
    for number in 1...4 { arguments.append(LLVMGetParam(wrapper, UInt32(number))) }
    _ = b.call(function, arguments)
    LLVMBuildRetVoid(b.ref)
    return wrapper
  }

  // MARK: Attributes

  private func annotateFunction() {
    addTargetAttributes(to: function)
    // Vectors that do not fit the registers are spilled: across two cache lines if the stack were not aligned.
    if target.vectorBits > 128 {
      addAttribute(
        "alignstack", UInt64(target.vectorBits / 8), to: function, at: LLVMAttributeFunctionIndex)
    }
    // Inlined into the wrapper the arguments would lose what `noalias` says of them.
    addAttribute("noinline", to: function, at: LLVMAttributeFunctionIndex)
    for (number, parameter) in kernel.parameters.enumerated() {
      let index = UInt32(number + 1)
      addAttribute("noalias", to: function, at: index)
      addAttribute("nocapture", to: function, at: index)
      addAttribute("align", UInt64(parameter.buffer.alignment), to: function, at: index)
      if !parameter.isWritten { addAttribute("readonly", to: function, at: index) }
      LLVMSetValueName2(
        parameters[number], parameter.buffer.name, parameter.buffer.name.utf8.count)
    }
    let last = UInt32(kernel.parameters.count)
    for index in [last + 1, last + 4] {
      addAttribute("noalias", to: function, at: index)
      addAttribute("nocapture", to: function, at: index)
    }
    addAttribute("readonly", to: function, at: last + 1)
    addAttribute("align", 64, to: function, at: last + 4)
  }

  private func addTargetAttributes(to function: LLVMValueRef) {
    addText("target-cpu", target.cpu, to: function)
    var features = target.features.isEmpty ? [] : [target.features]
    // LLVM would take a product of pairs apart into two instructions, to wait less for each; register tiles do not wait.
    if target.hasShortDot { features.append("+fast-dpwssd") }
    if !features.isEmpty {
      addText("target-features", features.joined(separator: ","), to: function)
    }
    // The generic AVX-512 scheduling model hoists loads until tiles that fit spill.
    if target.cpu == "x86-64-v4" { addText("tune-cpu", "znver4", to: function) }
    addAttribute("nounwind", to: function, at: LLVMAttributeFunctionIndex)
  }

  private func addText(_ key: String, _ value: String, to function: LLVMValueRef) {
    let attribute = LLVMCreateStringAttribute(
      b.context, key, UInt32(key.utf8.count), value, UInt32(value.utf8.count))
    LLVMAddAttributeAtIndex(
      function, LLVMAttributeIndex(truncatingIfNeeded: LLVMAttributeFunctionIndex), attribute)
  }

  private func addAttribute(
    _ name: String, _ value: UInt64 = 0, to function: LLVMValueRef, at index: some BinaryInteger
  ) {
    let kind = LLVMGetEnumAttributeKindForName(name, name.utf8.count)
    let attribute = LLVMCreateEnumAttribute(b.context, kind, value)
    LLVMAddAttributeAtIndex(function, LLVMAttributeIndex(truncatingIfNeeded: index), attribute)
  }

  // MARK: Shared by the other parts

  func gep(_ element: LLVMTypeRef, _ base: LLVMValueRef, _ index: LLVMValueRef) -> LLVMValueRef {
    var indices: [LLVMValueRef?] = [index]
    return LLVMBuildGEP2(b.ref, element, base, &indices, 1, "")
  }

  /// A broken rule of the loop IR, which the verifier should have found.
  func broken(_ message: String) -> Diagnostic {
    .internal("backend.invalid-kernel", "kernel '\(kernel.name)': \(message)")
  }

  /// Runs `body` and then forgets every name it defined.
  func scoped(_ body: () throws(Diagnostic) -> Void) throws(Diagnostic) {
    let saved = scope
    try body()
    scope = saved
  }

  /// The same value in vector form when the other operands have one.
  func widen(_ value: Value) -> LLVMValueRef {
    value.isVarying ? value.ref : b.splat(value.ref, scope.laneCount)
  }

  /// Applies `operation` to operands of one form: vectors if any of them varies, scalars otherwise.
  func lift(_ operands: [Value], _ operation: ([LLVMValueRef]) -> LLVMValueRef) -> Value {
    let isVarying = operands.contains { $0.isVarying }
    let refs = isVarying ? operands.map(widen) : operands.map(\.ref)
    return Value(ref: operation(refs), isVarying: isVarying)
  }

  /// A type as it is held in registers: truth values as bits, 16-bit floats as their bit patterns.
  func type(_ element: ElementType) throws(Diagnostic) -> LLVMTypeRef {
    switch element {
    case .bool: b.i1
    case .i8, .u8: b.i8
    case .i16, .u16, .f16, .bf16: b.i16
    case .i32, .u32: b.i32
    case .i64, .u64: b.i64
    case .f32: b.float
    case .f64: b.double
    default: throw broken("no values of type \(element) in registers")
    }
  }
}
