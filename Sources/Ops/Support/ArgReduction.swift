package import Diagnostics
package import IR
package import Tensors

/// An operator that finds the place of an extreme element along one axis.
///
/// NaN counts as more extreme than every number.
package protocol ArgReduction: TensorOp {
  var form: ArgReductionForm { get }
  init(form: ArgReductionForm)
  /// Whether `a` is more extreme than `b`.
  func beats<T: Comparable>(_ a: T, _ b: T) -> Bool
}

/// The attributes that `ArgMax` and `ArgMin` share.
package struct ArgReductionForm: Sendable, Equatable {
  package var axis = 0
  /// Whether the reduced axis stays, with length 1.
  package var keepsDimension = true
  /// Whether the last of equal elements is chosen rather than the first.
  package var selectsLast = false

  package init(axis: Int = 0, keepsDimension: Bool = true, selectsLast: Bool = false) {
    self.axis = axis
    self.keepsDimension = keepsDimension
    self.selectsLast = selectsLast
  }
}

extension ArgReduction {
  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    self.init(
      form: ArgReductionForm(
        axis: try attributes.int("axis", default: 0),
        keepsDimension: try attributes.flag("keepdims", default: true),
        selectsLast: try attributes.flag("select_last_index")))
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("axis", form.axis, default: 0)
      $0.flag("keepdims", form.keepsDimension, default: true)
      $0.flag("select_last_index", form.selectsLast)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    var shape = try context.shape(0)
    let axis = try context.axis(form.axis, rank: shape.count)
    if axis < shape.count, shape[axis] == 0 { throw Self.empty(axis) }
    if form.keepsDimension, axis < shape.count {
      shape[axis] = 1
    } else if axis < shape.count {
      shape.remove(at: axis)
    }
    return [.tensor(.i64, shape)]
  }

  private static func empty(_ axis: Int) -> Diagnostic {
    Diagnostic("shape.empty-axis", "axis \(axis) has 0 elements, expected at least 1")
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    return switch x.type {
    case .f32: [try find(x) { (value: Float) in value }]
    case .f64: [try find(x) { (value: Double) in value }]
    case .f16: [try find(x) { (value: Float16) in value }]
    case .bf16: [try find(x) { (value: BFloat16) in value.float }]
    case .i8: [try find(x) { (value: Int8) in value }]
    case .i16: [try find(x) { (value: Int16) in value }]
    case .i32: [try find(x) { (value: Int32) in value }]
    case .i64: [try find(x) { (value: Int64) in value }]
    case .u8: [try find(x) { (value: UInt8) in value }]
    case .u16: [try find(x) { (value: UInt16) in value }]
    case .u32: [try find(x) { (value: UInt32) in value }]
    default: [try find(x) { (value: UInt64) in value }]
    }
  }

  @inline(__always)
  private func find<T: TensorElement, C: Comparable>(
    _ x: Tensor, _ key: (T) -> C
  ) throws(Diagnostic) -> Tensor {
    let shape = x.shape.isEmpty ? [1] : x.shape
    let axis = form.axis < 0 ? form.axis + shape.count : form.axis
    guard shape.indices.contains(axis) else {
      throw Diagnostic(
        "attribute.axis", "axis is \(form.axis), expected one in \(-x.rank)..<\(x.rank)")
    }
    var kept = shape
    kept[axis] = 1
    let length = shape[axis]
    if length == 0, kept.elementCount > 0 { throw Self.empty(axis) }
    let inner = shape[(axis + 1)...].reduce(1, *)
    let values = x.array(of: T.self)
    var places: [Int64] = []
    for outer in 0..<shape[..<axis].reduce(1, *) {
      for column in 0..<inner {
        let start = outer * length * inner + column
        var best = 0
        for index in stride(from: 1, to: length, by: 1) {
          let candidate = key(values[start + index * inner])
          let champion = key(values[start + best * inner])
          // A NaN champion stays: nothing beats it, and it equals nothing.
          if champion != champion { break }
          let wins = beats(candidate, champion) || candidate != candidate
          if wins || (form.selectsLast && candidate == champion) { best = index }
        }
        places.append(Int64(best))
      }
    }
    if !form.keepsDimension || x.shape.isEmpty { kept.remove(at: axis) }
    return Tensor(places, shape: kept)
  }
}
