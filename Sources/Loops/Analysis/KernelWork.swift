import Tensors

/// What one launch of a kernel computes and what memory it touches, counted from its loops.
///
/// The count is of the code that runs: surplus lanes that compute nothing of use count, operations that an algorithm
/// saves do not. Bytes are those that must move at least once: an element that is read many times counts once, since
/// a cache may hold it.
package struct KernelWork: Hashable, Sendable {
  /// Floating-point operations: two for `fma`, four for `dotPairs`, three for `quantize`, one for any other arithmetic or comparison, `elementaryOperations` for an
  /// elementary function.
  package var floatOperations = 0.0
  /// Operations of byte products: eight for a `dot4`, four products and four sums, and as many
  /// for each four products of a matrix tile. As many for a `dotShorts`, which takes as long.
  package var byteOperations = 0.0
  /// Bytes read through each parameter, at most all that it may touch.
  package var readByteCounts: [Double]
  /// Bytes written through each parameter, likewise.
  package var writtenByteCounts: [Double]
  /// False where data decide what runs: then the longer branch counts, a `while` body once, and a loop of unknown length
  /// once.
  package var isExact = true

  /// What an elementary function counts as: about the length of the polynomials in `LLVMBackend/Math`.
  package static let elementaryOperations = 20.0

  /// - Parameter values: one integer for each value parameter of the kernel.
  package init(_ kernel: Kernel, values: [Int]) {
    readByteCounts = Array(repeating: 0, count: kernel.parameters.count)
    writtenByteCounts = readByteCounts
    var counter = WorkCounter(kernel, values)
    counter.count(kernel.body, times: 1)
    floatOperations = counter.floatOperations
    byteOperations = counter.byteOperations
    isExact = counter.isExact
    var footprint = Footprint(counter, parameterCount: kernel.parameters.count)
    footprint.visit(kernel.body)
    for (number, parameter) in kernel.parameters.enumerated() {
      let whole = counter.byteCount(of: parameter.buffer)
      readByteCounts[number] = min(whole, footprint.read[number])
      writtenByteCounts[number] = min(whole, footprint.written[number])
    }
  }
}

extension Expr {
  /// Floating-point operations of this node alone.
  var ownFloatOperations: Double {
    switch self {
    case .fma(let a, _, _): a.type.isFloat ? 2 : 0
    case .dotPairs: 4
    case .quantize: 3
    case .binary(let op, let a, _):
      a.type.isFloat ? (op == .pow ? 3 * KernelWork.elementaryOperations : 1) : 0
    case .compare(_, let a, _), .reduceLanes(_, let a): a.type.isFloat ? 1 : 0
    case .unary(let op, let a):
      !a.type.isFloat ? 0 : op.isElementary ? KernelWork.elementaryOperations : 1
    case .float, .integer, .index, .load, .loadIf, .register, .local, .select, .convert, .bitcast,
      .bytes, .dot4, .dotShorts, .lookup:
      0
    }
  }
}

extension UnaryOp {
  /// Whether it is computed by a polynomial or a call, and not by one instruction.
  fileprivate var isElementary: Bool {
    switch self {
    case .neg, .abs, .sqrt, .floor, .ceil, .round, .trunc, .not, .popcount, .isNaN, .isInf: false
    case .exp, .log, .sin, .cos, .tan, .asin, .acos, .atan, .sinh, .cosh, .tanh, .asinh, .acosh,
      .atanh, .erf, .sigmoid:
      true
    }
  }
}
