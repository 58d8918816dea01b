/// What tells model-local functions apart.
struct FunctionKey: Hashable {
  let domain: String
  let name: String
  let overload: String

  init(domain: String, name: String, overload: String) {
    self.domain = domain
    self.name = name
    self.overload = overload
  }

  /// The function that a node would call.
  init(_ node: NodeMessage) {
    self.init(domain: node.domain, name: node.op, overload: node.overload)
  }
}

/// How many nodes each function becomes when everything in it is inlined, found without inlining anything: functions
/// that call functions twice grow exponentially.
struct FunctionSizes {
  /// The most nodes that may come out of the functions of one model.
  static let limit = 1_000_000
  /// How deep functions may call each other.
  private static let deepest = 200

  private var depths: [FunctionKey: Int] = [:]
  private var sizes: [FunctionKey: Int] = [:]
  private var recursive: Set<FunctionKey> = []

  init(_ functions: [FunctionKey: FunctionMessage]) {
    var open: [FunctionKey] = []
    let keys = functions.keys.sorted {
      ($0.domain, $0.name, $0.overload) < ($1.domain, $1.name, $1.overload)
    }
    for key in keys { _ = measure(key, functions, &open) }
  }

  /// The number of nodes, `Int.max` where it cannot be counted.
  subscript(key: FunctionKey) -> Int { sizes[key] ?? 1 }

  /// Whether the function ends up calling itself.
  func isRecursive(_ key: FunctionKey) -> Bool { recursive.contains(key) }

  private mutating func measure(
    _ key: FunctionKey, _ functions: [FunctionKey: FunctionMessage], _ open: inout [FunctionKey]
  ) -> Int {
    if let known = sizes[key] { return known }
    guard let function = functions[key] else { return 1 }
    if let start = open.firstIndex(of: key) {
      recursive.formUnion(open[start...])
      return 0
    }
    guard open.count < Self.deepest else { return .max }
    open.append(key)
    defer { open.removeLast() }
    var total = 0
    var depth = 0
    for node in function.nodes {
      let (sum, overflow) = total.addingReportingOverflow(size(of: node, functions, &open))
      total = overflow ? .max : sum
      depth = max(depth, depths[FunctionKey(node)] ?? 0)
    }
    depths[key] = depth + 1
    sizes[key] = depth < Self.deepest ? total : .max
    return total
  }

  private mutating func size(
    of node: NodeMessage, _ functions: [FunctionKey: FunctionMessage], _ open: inout [FunctionKey]
  ) -> Int {
    var total = measure(FunctionKey(node), functions, &open)
    for attribute in node.attributes {
      for inner in attribute.graph?.nodes ?? [] {
        let (sum, overflow) = total.addingReportingOverflow(size(of: inner, functions, &open))
        total = overflow ? .max : sum
      }
    }
    return total
  }
}
