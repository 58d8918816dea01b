import Diagnostics
import Loops
import Tensors

/// Neighbouring results, four of which are stored together where each is computed by values and one store: bytes of
/// four vectors fill one.
struct StoreGroups {
  let count: Int

  private static let size = 4

  /// The statements for all results.
  ///
  /// - Parameter body: the statements for the result with a number.
  func emit(
    _ builder: KernelBuilder,
    _ body: (IndexExpr) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    let whole = count / Self.size
    var statements: [Statement] = []
    if whole > 0 {
      statements += try builder.loop("q", IndexExpr(whole), .unrolled) { group throws(Diagnostic) in
        try together(group * IndexExpr(Self.size), Self.size, body)
      }
    }
    return statements + (try together(IndexExpr(whole * Self.size), count % Self.size, body))
  }

  private func together(
    _ first: IndexExpr, _ count: Int, _ body: (IndexExpr) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    var each: [[Statement]] = []
    for number in 0..<count { each.append(try body(first + IndexExpr(number))) }
    return Self.merged(each)
  }

  /// One list; where each ends with its only store, all stores behind everything else.
  static func merged(_ lists: [[Statement]]) -> [Statement] {
    let parts = lists.compactMap(parts)
    guard parts.count == lists.count else { return lists.flatMap { $0 } }
    return parts.flatMap(\.values) + parts.map(\.store)
  }

  /// Values and a store behind them, which has the last value in itself; nil for any other statements.
  private static func parts(_ list: [Statement]) -> (values: [Statement], store: Statement)? {
    var values = list
    guard case .store(let buffer, let position, let value) = values.popLast(),
      values.allSatisfy({ if case .let = $0 { true } else { false } })
    else { return nil }
    guard case .local(let name) = value, case .let(name, let last) = values.last else {
      return (values, .store(buffer, position, value))
    }
    return (values.dropLast(), .store(buffer, position, last))
  }
}
