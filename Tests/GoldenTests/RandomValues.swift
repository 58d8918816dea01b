import IR
import Tensors

/// Values that depend on a key only, so that cases have the same data on every machine.
struct RandomValues {
  private var state: UInt64

  init(key: String) {
    state = key.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// SplitMix64 (Steele, Lea and Flood 2014).
  private mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// A number in `-2..<2`, a multiple of 2^-16.
  private mutating func number() -> Double { Double(next() >> 46) / 65536 - 2 }

  /// Floats in `-2..<2`, integers in `range`, booleans.
  mutating func tensor(
    _ type: ElementType, _ shape: [Int], integers range: Range<Int> = 0..<3
  ) -> Tensor {
    let count = shape.elementCount
    if type == .string {
      return Tensor(strings: (0..<count).map { _ in "s\(next() % 8)" }, shape: shape)
    }
    if type.isInteger {
      let values = (0..<count).map { _ in range.lowerBound + Int(next() % UInt64(range.count)) }
      return Tensor(integers: values, shape: shape, type: type)
    }
    if type == .bool { return Tensor((0..<count).map { _ in next() & 1 == 1 }, shape: shape) }
    return Tensor(doubles: (0..<count).map { _ in number() }, shape: shape, type: type)
  }

  /// One value per graph input; symbols stand for 2, 3, 4 and so on in the order of their names.
  static func inputs(of graph: Graph, integers ranges: [String: Range<Int>]) -> [Value] {
    let symbols = graph.inputs.reduce(into: Set<Symbol>()) { found, id in
      for dimension in graph.tensorType(id)?.shape ?? [] { found.formUnion(dimension.symbols) }
    }
    let ordered = symbols.map(\.name).sorted()
    return graph.inputs.map { id in
      let type = graph.tensorType(id) ?? TensorType(.f32, [])
      let shape = (type.shape ?? []).map { dimension in
        dimension.evaluate { symbol in (ordered.firstIndex(of: symbol.name) ?? 0) + 2 } ?? 1
      }
      var random = RandomValues(key: graph[id].name)
      return .tensor(
        random.tensor(type.element, shape, integers: ranges[graph[id].name] ?? 0..<3))
    }
  }
}
