package import Diagnostics
package import IR
package import Tensors

/// An operator that, where it reads or makes strings, comes down to operators on their Unicode scalars.
///
/// A tensor of strings of shape `S` is then `i32[S..., length]`: the scalars of each string, and `Scalars.none` behind them.
package protocol TextComposed: Op {
  /// The graph, in whose inputs and outputs scalars stand for strings; nil where there is none for what is known.
  func textComposition(_ graph: inout Composer) throws(Diagnostic) -> [ValueID]?
}

/// Strings as tensors of Unicode scalars.
package enum Scalars {
  /// What stands behind the last scalar of a string.
  package static let none: Int32 = -1

  /// The most scalars that one of the strings has.
  package static func longest(_ strings: [String]) -> Int {
    strings.map(\.unicodeScalars.count).max() ?? 0
  }

  /// The scalars of strings, `i32[shape..., length]`.
  ///
  /// - Precondition: no string has more than `length`.
  package static func spell(_ text: Tensor, length: Int) -> Tensor {
    var scalars: [Int32] = []
    scalars.reserveCapacity(text.elementCount * length)
    for string in text.strings {
      let own = string.unicodeScalars.map { Int32(bitPattern: $0.value) }
      scalars += own
      scalars += Array(repeating: none, count: length - own.count)
    }
    return Tensor(scalars, shape: text.shape + [length])
  }

  /// The strings that `spell` made scalars of.
  package static func read(_ scalars: Tensor) -> Tensor {
    let length = scalars.shape.last ?? 0
    let values = scalars.array(of: Int32.self)
    let shape = Array(scalars.shape.dropLast())
    let strings = (0..<shape.elementCount).map { place in
      var string = String.UnicodeScalarView()
      for value in values[place * length..<(place + 1) * length] {
        guard let scalar = UInt32(exactly: value).flatMap(Unicode.Scalar.init) else { break }
        string.append(scalar)
      }
      return String(string)
    }
    return Tensor(strings: strings, shape: shape)
  }
}

extension Composer {
  /// A constant of strings as scalars.
  mutating func spelled(_ strings: [String], shape: [Int]) -> ValueID {
    let text = Tensor(strings: strings, shape: shape)
    return constant(Scalars.spell(text, length: max(1, Scalars.longest(strings))))
  }

  /// How many scalars each string has room for.
  ///
  /// - Throws: `shape.open` where that is not known.
  func room(_ text: ValueID) throws(Diagnostic) -> Int {
    guard let length = try shape(text).last?.value else {
      throw .unsupported("shape.open", "the length of strings is not known")
    }
    return length
  }

  /// The same strings with room for `length` scalars, at least what there is.
  mutating func lengthened(_ text: ValueID, to length: Int) throws(Diagnostic) -> ValueID {
    let missing = length - (try room(text))
    if missing <= 0 { return text }
    let rank = try shape(text).count
    let pads = Array(repeating: 0, count: 2 * rank - 1) + [missing]
    return try add(Pad(), text, integers(pads), constant(Tensor(scalar: Scalars.none)))
  }

  /// Whether strings are equal, of the shape that both broadcast to.
  mutating func equalText(_ a: ValueID, _ b: ValueID) throws(Diagnostic) -> ValueID {
    let length = max(try room(a), try room(b))
    let isSame = try add(Equal(), lengthened(a, to: length), lengthened(b, to: length))
    return try all(isSame)
  }

  /// Whether all marks along the last axis, which goes, are set.
  mutating func all(_ marks: ValueID) throws(Diagnostic) -> ValueID {
    try reduced(marks, ReduceMin(form: ReductionForm(keepsDimensions: false)))
  }

  /// Whether one of the marks along the last axis, which goes, is set.
  mutating func any(_ marks: ValueID) throws(Diagnostic) -> ValueID {
    try reduced(marks, ReduceMax(form: ReductionForm(keepsDimensions: false)))
  }

  private mutating func reduced(_ marks: ValueID, _ op: any Op) throws(Diagnostic) -> ValueID {
    let numbers = try add(Cast(to: .i32), marks)
    return try add(Cast(to: .bool), add(op, numbers, integers([-1])))
  }
}
