import CLLVM
import Loops

/// Elementary functions over scalars and vectors of `f32` and `f64`.
///
/// Those of `f32` that matter for speed are straight-line polynomials; the others, and all of `f64`, call the C
/// library lane by lane.
struct Mathematics {
  let b: Builder
  let target: Loops.Target

  func emit(_ op: UnaryOp, _ a: LLVMValueRef) -> LLVMValueRef {
    library(op.rawValue, [a])
  }

  func pow(_ x: LLVMValueRef, _ y: LLVMValueRef) -> LLVMValueRef { library("pow", [x, y]) }

  /// Calls the C library's function for doubles in each lane; its result for `f32` is rounded once.
  func library(_ name: String, _ operands: [LLVMValueRef]) -> LLVMValueRef {
    let type = b.type(of: operands[0])
    let isDouble = b.element(of: type) == b.double
    let function = b.external(name, b.double, operands.map { _ in b.double })
    let count = b.lanes(ofType: type)
    let parts = (0..<count).map { lane -> LLVMValueRef in
      let arguments = operands.map { operand -> LLVMValueRef in
        let one = count == 1 ? operand : b.extract(operand, lane)
        return isDouble ? one : LLVMBuildFPExt(b.ref, one, b.double, "")
      }
      let result = b.call(function, arguments)
      return isDouble ? result : LLVMBuildFPTrunc(b.ref, result, b.float, "")
    }
    return b.concatenate(parts)
  }
}
