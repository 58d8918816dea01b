import Diagnostics
import IR
import Tensors

/// The labels of a classifier, integers or strings.
struct ClassLabels: Sendable {
  let integers: [Int]?
  let strings: [String]?
  private let integerName: String

  /// Reads `classlabels_strings` and the attribute of integers, which operators spell differently.
  init(_ reader: inout AttributeReader, integers name: String) throws(Diagnostic) {
    integerName = name
    integers = try reader.ints(name)
    strings = try reader.strings("classlabels_strings")
  }

  init(integers: [Int]?, strings: [String]?) {
    integerName = ""
    (self.integers, self.strings) = (integers, strings)
  }

  func store(_ attributes: inout Attributes) {
    attributes.ints(integerName, integers)
    attributes.strings("classlabels_strings", strings)
  }

  var count: Int { strings?.count ?? integers?.count ?? 0 }
  var type: ElementType { strings == nil ? .i64 : .string }

  /// The labels of the highest scores.
  func best(_ scores: [[Double]]) -> Tensor {
    let winners = scores.map { row in
      row.indices.max { row[$0] < row[$1] || (row[$0] == row[$1] && $0 > $1) } ?? 0
    }
    return select(winners)
  }

  /// The labels of class numbers; numbers without a label are their own, or an empty string.
  func select(_ numbers: [Int]) -> Tensor {
    if let strings {
      let found = numbers.map { strings.indices.contains($0) ? strings[$0] : "" }
      return Tensor(strings: found, shape: [numbers.count])
    }
    let known = integers ?? []
    let found = numbers.map { Int64(known.indices.contains($0) ? known[$0] : $0) }
    return Tensor(found, shape: [numbers.count])
  }
}
