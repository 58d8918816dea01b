import CLLVM

/// Builds the constant data of a module: structures, arrays and strings in C's layout.
struct ConstantData {
  let b: Builder

  func int32(_ value: Int) -> LLVMValueRef { b.constant(Int64(value), b.i32) }
  func int64(_ value: Int) -> LLVMValueRef { b.constant(Int64(value), b.i64) }
  var null: LLVMValueRef { b.zero(b.pointer) }

  /// A structure whose members lie where C puts them.
  func structure(_ members: [LLVMValueRef]) -> LLVMValueRef {
    var members: [LLVMValueRef?] = members
    return LLVMConstStructInContext(b.context, &members, UInt32(members.count), 0)
  }

  /// A private array of equal elements; a null pointer when there are none.
  func array(_ elements: [LLVMValueRef]) -> LLVMValueRef {
    guard let first = elements.first else { return null }
    var elements: [LLVMValueRef?] = elements
    return global(LLVMConstArray2(b.type(of: first), &elements, UInt64(elements.count)))
  }

  func indices(_ values: [Int]) -> LLVMValueRef { array(values.map(int32)) }

  /// A private zero-terminated string.
  func string(_ text: String) -> LLVMValueRef {
    global(LLVMConstStringInContext2(b.context, text, text.utf8.count, 0))
  }

  /// The address of private data.
  func reference(_ initializer: LLVMValueRef) -> LLVMValueRef { global(initializer) }

  private func global(_ initializer: LLVMValueRef) -> LLVMValueRef {
    let global: LLVMValueRef = LLVMAddGlobal(b.module, b.type(of: initializer), "")
    LLVMSetInitializer(global, initializer)
    LLVMSetGlobalConstant(global, 1)
    LLVMSetLinkage(global, LLVMPrivateLinkage)
    // Nobody compares addresses: the linker keeps one of equal strings.
    LLVMSetUnnamedAddress(global, LLVMGlobalUnnamedAddr)
    return global
  }

  /// A variable or array that another object file defines.
  func external(_ name: String, isHidden: Bool) -> LLVMValueRef {
    if let known: LLVMValueRef = LLVMGetNamedGlobal(b.module, name) { return known }
    let global: LLVMValueRef = LLVMAddGlobal(b.module, b.i8, name)
    if isHidden { LLVMSetVisibility(global, LLVMHiddenVisibility) }
    return global
  }
}
