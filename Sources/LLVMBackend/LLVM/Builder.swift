import CLLVM

/// LLVM's instruction builder with the few conveniences that the emitters need.
///
/// It borrows its handles from an `LLVMModule`. A lane count of 1 means a scalar throughout.
struct Builder {
  let context: LLVMContextRef
  let module: LLVMModuleRef
  let ref: LLVMBuilderRef

  // MARK: Types

  var void: LLVMTypeRef { LLVMVoidTypeInContext(context) }
  var pointer: LLVMTypeRef { LLVMPointerTypeInContext(context, 0) }
  var i1: LLVMTypeRef { LLVMInt1TypeInContext(context) }
  var i8: LLVMTypeRef { LLVMInt8TypeInContext(context) }
  var i16: LLVMTypeRef { LLVMInt16TypeInContext(context) }
  var i32: LLVMTypeRef { LLVMInt32TypeInContext(context) }
  var i64: LLVMTypeRef { LLVMInt64TypeInContext(context) }
  var half: LLVMTypeRef { LLVMHalfTypeInContext(context) }
  var float: LLVMTypeRef { LLVMFloatTypeInContext(context) }
  var double: LLVMTypeRef { LLVMDoubleTypeInContext(context) }

  func integer(bits: Int) -> LLVMTypeRef { LLVMIntTypeInContext(context, UInt32(bits)) }

  func vector(_ element: LLVMTypeRef, _ lanes: Int) -> LLVMTypeRef {
    lanes == 1 ? element : LLVMVectorType(element, UInt32(lanes))
  }

  func type(of value: LLVMValueRef) -> LLVMTypeRef { LLVMTypeOf(value) }

  func lanes(of value: LLVMValueRef) -> Int { lanes(ofType: LLVMTypeOf(value)) }

  func lanes(ofType type: LLVMTypeRef) -> Int {
    LLVMGetTypeKind(type) == LLVMVectorTypeKind ? Int(LLVMGetVectorSize(type)) : 1
  }

  func element(of type: LLVMTypeRef) -> LLVMTypeRef {
    LLVMGetTypeKind(type) == LLVMVectorTypeKind ? LLVMGetElementType(type) : type
  }

  /// `type` with another element and the same lanes.
  func like(_ value: LLVMValueRef, _ element: LLVMTypeRef) -> LLVMTypeRef {
    vector(element, lanes(of: value))
  }

  // MARK: Constants

  /// An integer constant, the same in every lane of `type`.
  func constant(_ value: Int64, _ type: LLVMTypeRef) -> LLVMValueRef {
    splatConstant(
      LLVMConstInt(element(of: type), UInt64(bitPattern: value), 1), lanes(ofType: type))
  }

  func constant(_ value: Double, _ type: LLVMTypeRef) -> LLVMValueRef {
    splatConstant(LLVMConstReal(element(of: type), value), lanes(ofType: type))
  }

  func index(_ value: Int) -> LLVMValueRef { constant(Int64(value), i64) }

  func splatConstant(_ value: LLVMValueRef, _ lanes: Int) -> LLVMValueRef {
    lanes == 1 ? value : constantVector(Array(repeating: value, count: lanes))
  }

  func constantVector(_ values: [LLVMValueRef]) -> LLVMValueRef {
    var elements: [LLVMValueRef?] = values
    return LLVMConstVector(&elements, UInt32(elements.count))
  }

  func constantVector(_ values: [Int], _ type: LLVMTypeRef) -> LLVMValueRef {
    constantVector(values.map { constant(Int64($0), type) })
  }

  /// `0, 1, 2, ...` as integers of `type`.
  func iota(_ lanes: Int, _ type: LLVMTypeRef) -> LLVMValueRef {
    constantVector(Array(0..<lanes), type)
  }

  func zero(_ type: LLVMTypeRef) -> LLVMValueRef { LLVMConstNull(type) }
  func poison(_ type: LLVMTypeRef) -> LLVMValueRef { LLVMGetPoison(type) }

  // MARK: Vectors

  func splat(_ value: LLVMValueRef, _ lanes: Int) -> LLVMValueRef {
    if lanes == 1 { return value }
    if LLVMIsConstant(value) != 0 { return splatConstant(value, lanes) }
    let single = insert(value, into: poison(vector(type(of: value), lanes)), at: 0)
    return LLVMBuildShuffleVector(
      ref, single, poison(type(of: single)), zero(vector(i32, lanes)), "")
  }

  func extract(_ value: LLVMValueRef, _ lane: Int) -> LLVMValueRef {
    LLVMBuildExtractElement(ref, value, constant(Int64(lane), i32), "")
  }

  func insert(_ value: LLVMValueRef, into vector: LLVMValueRef, at lane: Int) -> LLVMValueRef {
    LLVMBuildInsertElement(ref, vector, value, constant(Int64(lane), i32), "")
  }

  /// Picks elements of `a` followed by `b`; a negative pick leaves the element undefined.
  func shuffle(_ a: LLVMValueRef, _ b: LLVMValueRef, _ picks: [Int]) -> LLVMValueRef {
    let mask = constantVector(
      picks.map { $0 < 0 ? poison(i32) : constant(Int64($0), i32) })
    return LLVMBuildShuffleVector(ref, a, b, mask, "")
  }

  /// Picks elements of one vector.
  func shuffle(_ a: LLVMValueRef, _ picks: [Int]) -> LLVMValueRef {
    shuffle(a, poison(type(of: a)), picks)
  }

  /// Lanes `start ..< start + count` of a vector.
  func slice(_ value: LLVMValueRef, _ start: Int, _ count: Int) -> LLVMValueRef {
    count == 1 ? extract(value, start) : shuffle(value, Array(start..<start + count))
  }

  /// Vectors of equal width, one after the other.
  func concatenate(_ parts: [LLVMValueRef]) -> LLVMValueRef {
    if parts.count == 1 { return parts[0] }
    let width = lanes(of: parts[0])
    if width == 1 {
      var all = poison(vector(type(of: parts[0]), parts.count))
      for (lane, part) in parts.enumerated() { all = insert(part, into: all, at: lane) }
      return all
    }
    var parts = parts
    while parts.count > 1 {
      let half = lanes(of: parts[0])
      parts = stride(from: 0, to: parts.count, by: 2).map { at in
        let second = at + 1 < parts.count ? parts[at + 1] : poison(type(of: parts[at]))
        return shuffle(parts[at], second, Array(0..<2 * half))
      }
    }
    return parts[0]
  }

  // MARK: Calls

  /// Calls an LLVM intrinsic, with the types that its name is overloaded on.
  func intrinsic(
    _ name: String, _ overloads: [LLVMTypeRef], _ arguments: [LLVMValueRef]
  ) -> LLVMValueRef {
    let id = LLVMLookupIntrinsicID(name, name.utf8.count)
    precondition(id != 0, "no intrinsic \(name)")
    var types: [LLVMTypeRef?] = overloads
    let function: LLVMValueRef = LLVMGetIntrinsicDeclaration(module, id, &types, types.count)
    return call(function, arguments)
  }

  func call(_ function: LLVMValueRef, _ arguments: [LLVMValueRef]) -> LLVMValueRef {
    var arguments: [LLVMValueRef?] = arguments
    return LLVMBuildCall2(
      ref, LLVMGlobalGetValueType(function), function, &arguments, UInt32(arguments.count), "")
  }

  /// An external function, declared on first use.
  func external(
    _ name: String, _ result: LLVMTypeRef, _ parameters: [LLVMTypeRef]
  ) -> LLVMValueRef {
    if let known = LLVMGetNamedFunction(module, name) { return known }
    return LLVMAddFunction(module, name, functionType(result, parameters))
  }

  func functionType(_ result: LLVMTypeRef, _ parameters: [LLVMTypeRef]) -> LLVMTypeRef {
    var types: [LLVMTypeRef?] = parameters
    return LLVMFunctionType(result, &types, UInt32(types.count), 0)
  }

  // MARK: Blocks

  var currentFunction: LLVMValueRef {
    LLVMGetBasicBlockParent(LLVMGetInsertBlock(ref))
  }

  var currentBlock: LLVMBasicBlockRef { LLVMGetInsertBlock(ref) }

  func block(_ name: String) -> LLVMBasicBlockRef {
    LLVMAppendBasicBlockInContext(context, currentFunction, name)
  }

  func position(at block: LLVMBasicBlockRef) { LLVMPositionBuilderAtEnd(ref, block) }
  func branch(to block: LLVMBasicBlockRef) { LLVMBuildBr(ref, block) }

  func branch(
    _ condition: LLVMValueRef, _ then: LLVMBasicBlockRef, _ otherwise: LLVMBasicBlockRef
  ) {
    LLVMBuildCondBr(ref, condition, then, otherwise)
  }

  func phi(_ type: LLVMTypeRef, _ incoming: [(LLVMValueRef, LLVMBasicBlockRef)]) -> LLVMValueRef {
    let phi: LLVMValueRef = LLVMBuildPhi(ref, type, "")
    for (value, block) in incoming { addIncoming(phi, value, block) }
    return phi
  }

  func addIncoming(_ phi: LLVMValueRef, _ value: LLVMValueRef, _ block: LLVMBasicBlockRef) {
    var values: [LLVMValueRef?] = [value]
    var blocks: [LLVMBasicBlockRef?] = [block]
    LLVMAddIncoming(phi, &values, &blocks, 1)
  }
}
