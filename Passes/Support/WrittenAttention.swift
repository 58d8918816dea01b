import Diagnostics
import IR
import Ops
import PassManager
import Tensors

/// `softmax(scale * Q * K^T + masks) * V` as operators of their own, found from its last product.
struct WrittenAttention {
  /// `[..., S, E]`.
  private let query: ValueID
  /// `[..., E, T]` before the axes `keyOrder` put its last two in their places.
  private let key: ValueID
  private let keyOrder: [Int]
  /// `[..., T, Ev]`.
  private let value: ValueID
  private let scores: Scores
  /// The shape of the scores.
  private let shape: [IndexExpr]
  private let size: IndexExpr

  init?(_ node: Node, _ rw: Rewriter) {
    guard node.op is MatMul, let shares = node.inputs[0], rw.hasOneUse(shares),
      let softmax = rw.def(of: shares, as: Softmax.self), let logits = softmax.input(0),
      let shape = rw.shape(logits), (3...4).contains(shape.count),
      softmax.op.axis == -1 || softmax.op.axis == shape.count - 1,
      rw.type(logits)?.element == .f32, let scores = Scores(logits, rw),
      let q = scores.product.input(0), let k = scores.product.input(1), let v = node.inputs[1]
    else { return nil }
    let queries = Product(q, rw)
    let keys = Product(k, rw)
    guard queries.factors.count == 1, keys.factors.count == 1 else { return nil }
    // The transposition may stand before or behind the factor.
    var order = Array(0..<shape.count)
    var source = keys.factors[0]
    var number = keys.number
    if let transpose = rw.def(of: source, as: Transpose.self), let inner = transpose.input(0),
      let found = try? transpose.op.permutation(rank: shape.count)
    {
      let below = Product(inner, rw)
      order = found
      source = below.factors.count == 1 ? below.factors[0] : inner
      number *= below.factors.count == 1 ? below.number : 1
    }
    order.swapAt(shape.count - 1, shape.count - 2)
    let batch = Array(shape.dropLast(2))
    guard let a = rw.shape(q), let b = rw.shape(k), let c = rw.shape(v), a.count == shape.count,
      b.count == shape.count, c.count == shape.count, Array(a.dropLast(2)) == batch,
      Array(b.dropLast(2)) == batch, Array(c.dropLast(2)) == batch
    else { return nil }
    (query, key, keyOrder, value) = (queries.factors[0], source, order, v)
    self.scores = scores.scaled(by: queries.number * number)
    self.shape = shape
    size = a[a.count - 1]
  }

  /// Makes node `root`, the last product, an Attention; false where sizes or masks do not let it.
  func replace(_ root: NodeID, _ rw: inout Rewriter) throws(Diagnostic) -> Bool {
    let heads = shape.count == 4 ? Array(shape.prefix(2)) : scores.heads ?? [1, shape[0]]
    guard let output = rw.graph[root].outputs[0], let result = rw.shape(output),
      let name = rw.node(root)?.name,
      let operands = operands(heads, rw),
      let back = ReshapeTarget.marks(from: [], to: result)
        ?? (shape.count == 4 ? [] : nil),
      scores.masks.allSatisfy({ fits($0, heads + shape.suffix(2), rw) })
    else { return false }
    var inputs: [ValueID?] = []
    for (operand, part) in zip(operands, [".q", ".k", ".v"]) {
      inputs.append(try operand.made(before: root, name: name + part, &rw))
    }
    if let mask = try mask(root, &rw) { inputs.append(mask) }
    let op = Attention(scale: scale)
    guard shape.count == 3 else {
      try rw.replace(root, with: op, inputs: inputs)
      return true
    }
    let attention = try rw.insert(op, inputs: inputs, before: root, name: name + ".heads")
    let target = Operand.target(back, name + ".shape", &rw)
    try rw.replace(root, with: Reshape(), inputs: [attention, target])
    return true
  }

  /// Nil where it is what the operator takes by itself.
  private var scale: Double? {
    guard let size = size.value, size > 0 else { return scores.scale }
    let usual = 1 / Double(size).squareRoot()
    return (scores.scale - usual).magnitude <= 1e-6 * usual ? nil : scores.scale
  }

  /// Queries, keys and values with an axis for heads; nil where a shape cannot be said.
  private func operands(_ heads: [IndexExpr], _ rw: Rewriter) -> [Operand]? {
    var operands: [Operand] = []
    for (value, order) in [(query, nil), (key, keyOrder), (value, nil)] {
      guard let own = rw.shape(value) else { return nil }
      let isOrdered = order.map { $0 == $0.sorted() } ?? true
      let moved = order.map { $0.map { own[$0] } } ?? own
      var marks: [Int]?
      if shape.count == 3 {
        marks = ReshapeTarget.marks(from: moved, to: heads + moved.dropFirst())
        if marks == nil { return nil }
      }
      operands.append(Operand(value: value, order: isOrdered ? nil : order, marks: marks))
    }
    return operands
  }

  /// Whether a mask broadcasts to the scores, with a column for each key.
  private func fits(_ mask: Scores.Mask, _ shape: [IndexExpr], _ rw: Rewriter) -> Bool {
    guard let own = rw.shape(mask.value), let last = own.last, last == shape[3] else {
      return false
    }
    var places = own
    if let added = mask.shape, added != shape {
      // [1, N, heads, S, T] are [N, heads, S, T].
      guard added.count == 5, added[0] == 1, Array(added.dropFirst()) == shape else { return false }
      if own.count == 5 {
        places.removeFirst()
        if ReshapeTarget.marks(from: [], to: places) == nil { return false }
      }
    }
    let missing = 4 - places.count
    return missing >= 0
      && places.indices.allSatisfy { places[$0] == 1 || places[$0] == shape[$0 + missing] }
  }

  /// The sum of all masks; that of constants is a constant.
  private func mask(_ root: NodeID, _ rw: inout Rewriter) throws(Diagnostic) -> ValueID? {
    var sum: ValueID?
    let name = rw.graph[root].name + ".mask"
    for mask in scores.masks {
      var operand = Operand(value: mask.value, order: nil, marks: nil)
      if let own = rw.shape(mask.value), own.count == 5 {
        operand.marks = ReshapeTarget.marks(from: [], to: Array(own.dropFirst()))
      }
      let next = try operand.made(before: root, name: name, &rw)
      guard let last = sum else {
        sum = next
        continue
      }
      if let a = rw.constant(last), let b = rw.constant(next),
        let total = try? Add().evaluate([.tensor(a), .tensor(b)], outputCount: 1).first?.tensor
      {
        sum = rw.makeConstant(total, name: name)
      } else {
        sum = try rw.insert(Add(), inputs: [last, next], before: root, name: name)
      }
    }
    return sum
  }
}

/// An operand of an Attention: a value, transposed and reshaped where it is not as the operator wants it.
private struct Operand {
  let value: ValueID
  let order: [Int]?
  /// The shape in the standard's marks.
  var marks: [Int]?

  func made(
    before root: NodeID, name: String, _ rw: inout Rewriter
  ) throws(Diagnostic) -> ValueID {
    var made = value
    if let order {
      let op = Transpose(permutation: order)
      made = try rw.insert(op, inputs: [made], before: root, name: name + ".moved")
    }
    guard let marks else { return made }
    if let tensor = rw.constant(made), marks.allSatisfy({ $0 > 0 }) {
      return rw.makeConstant(tensor.reshaped(to: marks), name: name)
    }
    let shape = Self.target(marks, name + ".shape", &rw)
    return try rw.insert(Reshape(), inputs: [made, shape], before: root, name: name)
  }

  static func target(_ marks: [Int], _ name: String, _ rw: inout Rewriter) -> ValueID {
    rw.makeConstant(Tensor(marks.map(Int64.init), shape: [marks.count]), name: name)
  }
}

/// What becomes of the product of queries and keys before the softmax: a factor, then masks that are added.
private struct Scores {
  struct Mask {
    let value: ValueID
    /// The shape under which it is added; nil for that of the softmax.
    let shape: [IndexExpr]?
  }

  let product: Match<MatMul>
  private(set) var scale = 1.0
  private(set) var masks: [Mask] = []
  /// Batch and heads, where a mask is added to scores that have both in one axis.
  private(set) var heads: [IndexExpr]?

  /// Walks up from `value`; nobody else may read what lies between.
  init?(_ value: ValueID, _ rw: Rewriter) {
    guard rw.hasOneUse(value), let id = rw.graph.producer(of: value) else { return nil }
    let node = rw.graph[id]
    if let product = rw.def(of: value, as: MatMul.self) {
      self.product = product
      return
    }
    if let found = Self.reshaped(node, value, rw) {
      self = found
      return
    }
    guard node.inputs.count == 2, let a = node.inputs[0], let b = node.inputs[1] else { return nil }
    if node.op is Add {
      for (inner, mask) in [(a, b), (b, a)] {
        guard rw.haveSameType(inner, value), var found = Scores(inner, rw) else { continue }
        found.masks.append(Mask(value: mask, shape: nil))
        self = found
        return
      }
      return nil
    }
    // A factor over masks would change them too.
    let scaled = Product(value, rw)
    guard node.op is Mul || node.op is Div, scaled.factors.count == 1,
      scaled.factors[0] != value, rw.haveSameType(scaled.factors[0], value),
      var found = Scores(scaled.factors[0], rw), found.masks.isEmpty
    else { return nil }
    found.scale *= scaled.number
    self = found
  }

  /// A mask that is added under another shape: `Reshape(Add(Reshape(scores), mask))`.
  private static func reshaped(_ node: Node, _ value: ValueID, _ rw: Rewriter) -> Scores? {
    guard node.op is Reshape, let sum = node.inputs[0], rw.hasOneUse(sum),
      let add = rw.def(of: sum, as: Add.self), let a = add.input(0), let b = add.input(1),
      let shape = rw.shape(value), let added = rw.shape(sum)
    else { return nil }
    for (inner, mask) in [(a, b), (b, a)] {
      guard rw.hasOneUse(inner), let before = rw.def(of: inner, as: Reshape.self),
        let source = before.input(0), rw.shape(source) == shape, rw.shape(inner) == added,
        var found = Scores(source, rw)
      else { continue }
      found.masks.append(Mask(value: mask, shape: added))
      if shape.count == 3, added.count == 4 { found.heads = Array(added.prefix(2)) }
      return found
    }
    return nil
  }

  func scaled(by factor: Double) -> Scores {
    var copy = self
    copy.scale *= factor
    return copy
  }
}
