package import Diagnostics
package import IR
package import Tensors

/// The different elements, or the different slices along an axis.
///
/// - Input: `X` of any type but complex. Outputs: `Y`; `indices`, where each first occurs; `inverse_indices`, which of `Y`
///   each input is; `counts`, how often each occurs (all `i64` vectors). How many there are is known when it runs.
/// - Attributes: `axis`; without it the input counts as a vector; `sorted`, true by default, else in the order of
///   first occurrence.
/// - Errors: `attribute.axis`, `type.unordered`.
/// - Source: ONNX Unique-11 (versions 11, 28). NaN equals NaN and is larger than any number.
package struct Unique: TensorOp {
  package static let schema = OpSchema(
    "Unique", versions: [11, 28], inputs: [.required("X", "T")],
    outputs: [
      .required("Y", "T"), .optional("indices", "I"), .optional("inverse_indices", "I"),
      .optional("counts", "I"),
    ], types: ["T": .all, "I": .i64])

  package var axis: Int?
  package var sorted: Bool

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    axis = try attributes.optionalInt("axis")
    sorted = try attributes.flag("sorted", default: true)
  }

  package init(axis: Int? = nil, sorted: Bool = true) {
    self.axis = axis
    self.sorted = sorted
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("axis", axis)
      $0.flag("sorted", sorted, default: true)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let x = try context.tensorType(0)
    var shape = x.shape
    var all = x.shape?.product ?? context.freshDimension(output: 2, axis: 0)
    let kept = context.freshDimension(axis: axis ?? 0)
    if let axis {
      if let rank = shape?.count {
        let place = try Axes.one(axis, rank: rank)
        all = shape?[place] ?? all
        shape?[place] = kept
      }
    } else {
      shape = [kept]
    }
    let types: [ValueType] = [
      .tensor(TensorType(x.element, shape)), .tensor(.i64, [kept]), .tensor(.i64, [all]),
      .tensor(.i64, [kept]),
    ]
    return Array(types.prefix(max(context.outputCount, 1)))
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = axis == nil ? inputs[0].reshaped(to: [inputs[0].elementCount]) : inputs[0]
    let place = try Axes.one(axis ?? 0, rank: x.rank)
    guard let elements = x.orderKeys else {
      throw Diagnostic("type.unordered", "\(x.type) elements have no order")
    }
    let inner = x.shape[(place + 1)...].reduce(1, *)
    let outer = x.shape[..<place].reduce(1, *)
    let keys = (0..<x.shape[place]).map { slice in
      (0..<outer * inner).map { position in
        elements[(position / inner * x.shape[place] + slice) * inner + position % inner]
      }
    }
    let found = groups(keys)
    var shape = x.shape
    shape[place] = found.first.count
    var maps = x.shape[...place].map { Array(0..<$0) }
    maps[place] = found.first
    var mover = ElementMover(type: x.type, shape: shape)
    mover.pick(
      from: x, Offsets.mapped(maps, strides: Array(x.shape[...place]).rowMajorStrides), run: inner)
    let vectors = [found.first, found.inverse, found.counts].map { values in
      Tensor(values.map { Int64($0) }, shape: [values.count])
    }
    return Array(([mover.finish()] + vectors).prefix(max(inputs.outputCount, 1)))
  }

  /// The first index, the count, and for every key the number of its group.
  private func groups(_ keys: [[Int]]) -> (first: [Int], inverse: [Int], counts: [Int]) {
    var numbers: [[Int]: Int] = [:]
    var first: [Int] = []
    var counts: [Int] = []
    var inverse: [Int] = []
    for (index, key) in keys.enumerated() {
      let number = numbers[key] ?? first.count
      if number == first.count {
        numbers[key] = number
        first.append(index)
        counts.append(0)
      }
      counts[number] += 1
      inverse.append(number)
    }
    guard sorted else { return (first, inverse, counts) }
    let order = first.indices.sorted {
      keys[first[$0]].lexicographicallyPrecedes(keys[first[$1]])
    }
    var places = Array(repeating: 0, count: order.count)
    for (place, number) in order.enumerated() { places[number] = place }
    return (order.map { first[$0] }, inverse.map { places[$0] }, order.map { counts[$0] })
  }
}
