import Tensors

/// Targets of Reshape in the standard's marks.
enum ReshapeTarget {
  /// Numbers, 0 for a dimension that is copied from the same place, -1 for the one that the element count leaves;
  /// nil where these cannot say the shape.
  static func marks(from data: [IndexExpr]?, to result: [IndexExpr]?) -> [Int]? {
    guard let data, let result, !data.contains(0), !result.contains(0) else { return nil }
    var marks: [Int] = []
    for (axis, dimension) in result.enumerated() {
      if let number = dimension.value {
        marks.append(number)
      } else if axis < data.count, data[axis] == dimension {
        marks.append(0)
      } else {
        marks.append(-1)
      }
    }
    return marks.count { $0 == -1 } <= 1 ? marks : nil
  }
}
