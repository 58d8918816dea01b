import Diagnostics

/// Puts nodes into an order in which everything is defined before it is used.
enum TopologicalOrder {
  struct Result {
    /// Positions in the given list; nodes on cycles, and what depends on them, are left out.
    let order: [Int]
    /// The nodes of one cycle, in order of flow; empty when there is none.
    let cycle: [Int]
  }

  /// - Parameter dependencies: for every node the positions of the nodes that it reads from.
  /// - Complexity: linear in nodes and dependencies, apart from keeping the given order where it is free.
  static func sort(_ dependencies: [[Int]]) -> Result {
    if dependencies.indices.allSatisfy({ node in dependencies[node].allSatisfy { $0 < node } }) {
      return Result(order: Array(dependencies.indices), cycle: [])
    }
    var readers: [[Int]] = Array(repeating: [], count: dependencies.count)
    var missing = dependencies.map(\.count)
    for (node, list) in dependencies.enumerated() {
      for source in list { readers[source].append(node) }
    }
    var order: [Int] = []
    var ready = dependencies.indices.filter { missing[$0] == 0 }
    ready.reverse()
    while let node = ready.popLast() {
      order.append(node)
      for reader in readers[node] {
        missing[reader] -= 1
        if missing[reader] == 0 { ready.append(reader) }
      }
    }
    if order.count == dependencies.count { return Result(order: order, cycle: []) }
    return Result(order: order, cycle: cycle(dependencies, missing))
  }

  /// Walks backwards from a node that never became ready until one repeats.
  private static func cycle(_ dependencies: [[Int]], _ missing: [Int]) -> [Int] {
    guard var node = missing.firstIndex(where: { $0 > 0 }) else { return [] }
    var path: [Int] = []
    var position: [Int: Int] = [:]
    while position[node] == nil {
      position[node] = path.count
      path.append(node)
      guard let next = dependencies[node].first(where: { missing[$0] > 0 }) else { return [] }
      node = next
    }
    // Told from its first node in the file on, whichever node the search met first.
    let cycle: [Int] = path[(position[node] ?? 0)...].reversed()
    guard let first = cycle.indices.min(by: { cycle[$0] < cycle[$1] }) else { return [] }
    return Array(cycle[first...] + cycle[..<first])
  }
}
