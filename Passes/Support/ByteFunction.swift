import IR
import Ops
import PassManager
import Tensors

/// A chain of elementwise operators between one value of bytes and a QuantizeLinear: a function of a byte.
struct ByteFunction {
  /// The bytes that it reads.
  let source: ValueID
  /// Its operators in order, the QuantizeLinear last.
  let nodes: [NodeID]

  /// Longer chains are cut.
  private static let longest = 64

  /// The longest chain that ends with a QuantizeLinear; nil where nothing but constants meets one value of bytes.
  ///
  /// - Parameter positions: the order of the graph's nodes.
  init?(root: NodeID, _ rw: Rewriter, _ positions: [NodeID: Int]) {
    guard let output = rw.graph[root].outputs.first ?? nil, Self.isByte(output, rw) else {
      return nil
    }
    var nodes = [root]
    var found: (source: ValueID, count: Int)?
    guard var frontier = Self.operands(of: root, as: output, rw) else { return nil }
    while nodes.count < Self.longest {
      if frontier.count == 1, let only = frontier.first, Self.isByte(only, rw) {
        found = (only, nodes.count)
      }
      // Operators behind all others first: whatever reads a value has been taken before it.
      let last = frontier.max { place(of: $0) < place(of: $1) }
      func place(of value: ValueID) -> Int {
        rw.graph.producer(of: value).flatMap { positions[$0] } ?? -1
      }
      guard let value = last, let producer = rw.graph.producer(of: value),
        positions[producer] != nil, let operands = Self.operands(of: producer, as: output, rw)
      else { break }
      frontier.remove(value)
      frontier.formUnion(operands)
      nodes.append(producer)
    }
    guard let found else { return nil }
    source = found.source
    self.nodes = nodes.prefix(found.count).sorted {
      positions[$0, default: 0] < positions[$1, default: 0]
    }
  }

  /// What an operator of a chain reads beside single constants; nil for other operators.
  private static func operands(
    of id: NodeID, as output: ValueID, _ rw: Rewriter
  ) -> Set<ValueID>? {
    let node = rw.graph[id]
    let isKind =
      node.op is any Elementwise || node.op is QuantizeLinear || node.op is DequantizeLinear
    guard isKind, node.op.isDeterministic, node.outputs.count == 1,
      rw.haveSameShape(node.outputs[0], output)
    else { return nil }
    var operands: Set<ValueID> = []
    for case let input? in node.inputs {
      if let tensor = rw.constant(input) {
        guard tensor.elementCount == 1 else { return nil }
      } else {
        guard rw.haveSameShape(input, output) else { return nil }
        operands.insert(input)
      }
    }
    return operands.isEmpty ? nil : operands
  }

  private static func isByte(_ value: ValueID, _ rw: Rewriter) -> Bool {
    let type = rw.type(value)?.element
    return type == .u8 || type == .i8
  }

  /// Whether it is more than arithmetic, which is as fast and as exact without a table.
  func isWorthwhile(_ rw: Rewriter) -> Bool {
    nodes.contains { id in
      switch rw.graph[id].op {
      case is QuantizeLinear, is DequantizeLinear, is Add, is Sub, is Mul, is Min, is Max, is Clip,
        is Relu, is LeakyRelu, is PRelu, is Abs, is Neg, is Cast, is Identity:
        false
      default: true
      }
    }
  }

  /// Its values for all bytes, as the interpreter computes them; nil where it cannot.
  func tabulate(_ rw: Rewriter) -> Tensor? {
    guard let type = rw.type(source)?.element else { return nil }
    var values: [ValueID: Value] = [
      source: .tensor(Tensor(integers: Array(type.integerRange), shape: [256], type: type))
    ]
    var result: Tensor?
    for id in nodes {
      let node = rw.graph[id]
      let operands = node.inputs.map { input -> Value? in
        guard let input else { return nil }
        return values[input] ?? rw.constant(input).map { .tensor($0.reshaped(to: [])) }
      }
      guard zip(node.inputs, operands).allSatisfy({ $0 == nil || $1 != nil }),
        let output = node.outputs[0],
        let value = try? node.op.evaluate(operands, outputCount: 1).first,
        let tensor = value.tensor, tensor.shape == [256]
      else { return nil }
      values[output] = value
      result = tensor
    }
    return result
  }
}
