import CLLVM
import Diagnostics
import Loops
import Tensors

/// Statements: one case per kind.
extension KernelEmitter {
  func emit(_ statements: [Statement]) throws(Diagnostic) {
    try scoped { () throws(Diagnostic) in
      var rest = statements[...]
      while let statement = rest.first {
        let stored = try emitStoreRun(rest)
        if stored == 0 { try emit(statement) }
        rest = rest.dropFirst(max(1, stored))
      }
    }
  }

  private func emit(_ statement: Statement) throws(Diagnostic) {
    switch statement {
    case .loop(let loop): try emit(loop)
    case .registers(let registers, let initial): try declare(registers, initial: value(initial))
    case .set(let registers, let position, let new):
      try setRegister(registers, position, value(new))
    case .let(let local, let new): scope.locals[local] = try value(new)
    case .bind(let symbol, let new): try bind(symbol, new)
    case .store(let buffer, let position, let new):
      try store(value(new), buffer, position, if: nil)
    case .storeIf(let condition, let buffer, let position, let new):
      let mask = try value(condition)
      try store(value(new), buffer, position, if: mask)
    case .if(let condition, let then, let otherwise):
      try emitIf(value(condition), then, otherwise)
    case .while(let condition, let body): try emitWhile(condition, body)
    case .prefetch(let buffer, let position): try prefetch(buffer, position)
    case .tile(let tile): try emit(tile)
    case .comment: break
    }
  }

  private func bind(_ symbol: Symbol, _ new: Expr) throws(Diagnostic) {
    if case .index(let expression) = new {
      scope.known[symbol] = resolve(expression)
      return
    }
    let value = try value(new)
    let source = new.type
    guard source.isInteger || source == .bool else {
      throw broken("'\(symbol.name)' is bound to a value of type \(source)")
    }
    let type = b.like(value.ref, b.i64)
    let wide =
      source.isSignedInteger
      ? LLVMBuildSExtOrBitCast(b.ref, value.ref, type, "")
      : LLVMBuildZExtOrBitCast(b.ref, value.ref, type, "")
    scope.define(symbol, Value(ref: wide.unsafelyUnwrapped, isVarying: value.isVarying))
  }

  private func emitIf(
    _ condition: Value, _ then: [Statement], _ otherwise: [Statement]
  ) throws(Diagnostic) {
    guard !condition.isVarying else { throw broken("the condition of an if differs between lanes") }
    let thenBlock = b.block("then")
    let elseBlock = b.block("else")
    let done = b.block("endif")
    b.branch(condition.ref, thenBlock, elseBlock)
    for (block, body) in [(thenBlock, then), (elseBlock, otherwise)] {
      b.position(at: block)
      try emit(body)
      b.branch(to: done)
    }
    b.position(at: done)
  }

  private func emitWhile(_ condition: Expr, _ body: [Statement]) throws(Diagnostic) {
    let head = b.block("while")
    let inside = b.block("do")
    let done = b.block("endwhile")
    b.branch(to: head)
    b.position(at: head)
    let holds = try value(condition)
    guard !holds.isVarying else { throw broken("the condition of a while differs between lanes") }
    b.branch(holds.ref, inside, done)
    b.position(at: inside)
    scope.depth += 1
    try emit(body)
    scope.depth -= 1
    let latch: LLVMValueRef = LLVMBuildBr(b.ref, head)
    markLoop(latch)
    b.position(at: done)
  }
}
