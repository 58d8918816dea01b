import Loops
import Tensors

/// Straight-line code as a list of operations on numbered slots, which runs on f32 as the compiled code does.
///
/// Only what transforms are made of: sums, differences, products and `fma`, each rounded once.
struct StraightLineRun {
  private enum Operation {
    case add(Int, Int)
    case subtract(Int, Int)
    case multiply(Int, Int)
    case fma(Int, Int, Int)
  }

  /// Each writes the slot after the last one.
  private var operations: [Operation] = []
  /// The first slots: constants, then the inputs.
  private var constants: [Float] = []
  private let inputCount: Int
  private var results: [Int] = []

  /// Code from `inputs` to what `body` returns.
  ///
  /// - Returns: nil where the code has any other operation.
  init?(
    inputs: Int, _ builder: KernelBuilder,
    _ body: (_ inputs: [Expr], inout StraightLine) -> [Expr]
  ) {
    inputCount = inputs
    let names = (0..<inputs).map { _ in builder.local("in", .f32) }
    var code = StraightLine(builder)
    let values = body(names.map { .local($0) }, &code)
    var numbers: [Double: Int] = [:]
    for case .let(_, let value) in code.statements {
      for number in value.floats where numbers[number] == nil {
        numbers[number] = constants.count
        constants.append(Float(number))
      }
    }
    var slots: [Local: Int] = [:]
    for (number, name) in names.enumerated() { slots[name] = constants.count + number }
    for statement in code.statements {
      guard case .let(let name, let value) = statement,
        let slot = append(value, numbers, slots)
      else { return nil }
      slots[name] = slot
    }
    for value in values {
      guard case .local(let name) = value, let slot = slots[name] else { return nil }
      results.append(slot)
    }
  }

  /// Appends what computes a value and returns the slot that it will be in.
  private mutating func append(
    _ value: Expr, _ numbers: [Double: Int], _ slots: [Local: Int]
  ) -> Int? {
    func slot(_ value: Expr, _ run: inout StraightLineRun) -> Int? {
      run.append(value, numbers, slots)
    }
    switch value {
    case .local(let name): return slots[name]
    case .float(let number, .f32): return numbers[number]
    case .binary(let operation, let a, let b):
      guard let a = slot(a, &self), let b = slot(b, &self) else { return nil }
      switch operation {
      case .add: operations.append(.add(a, b))
      case .sub: operations.append(.subtract(a, b))
      case .mul: operations.append(.multiply(a, b))
      default: return nil
      }
    case .fma(let a, let b, let c):
      guard let a = slot(a, &self), let b = slot(b, &self), let c = slot(c, &self) else {
        return nil
      }
      operations.append(.fma(a, b, c))
    default: return nil
    }
    return constants.count + inputCount + operations.count - 1
  }

  /// Runs the code on many inputs at once, each input a vector over the same positions.
  ///
  /// - Parameter inputs: `[input][position]`. Returns `[result][position]`.
  func callAsFunction(_ inputs: [[Float]]) -> [[Float]] {
    let count = inputs.first?.count ?? 0
    var slots = Array(
      repeating: Float(0), count: constants.count + inputCount + operations.count)
    for (number, constant) in constants.enumerated() { slots[number] = constant }
    var found = Array(repeating: Array(repeating: Float(0), count: count), count: results.count)
    for position in 0..<count {
      for input in 0..<inputCount { slots[constants.count + input] = inputs[input][position] }
      var next = constants.count + inputCount
      for operation in operations {
        slots[next] =
          switch operation {
          case .add(let a, let b): slots[a] + slots[b]
          case .subtract(let a, let b): slots[a] - slots[b]
          case .multiply(let a, let b): slots[a] * slots[b]
          case .fma(let a, let b, let c): slots[c].addingProduct(slots[a], slots[b])
          }
        next += 1
      }
      for (number, slot) in results.enumerated() { found[number][position] = slots[slot] }
    }
    return found
  }
}

extension Expr {
  /// The float constants in an expression.
  fileprivate var floats: [Double] {
    if case .float(let value, _) = self { return [value] }
    return children.flatMap(\.floats)
  }
}
