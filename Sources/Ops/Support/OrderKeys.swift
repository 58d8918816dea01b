import Tensors

extension Tensor {
  /// One integer per element that orders like the elements: NaN above everything, both zeros equal, strings by
  /// their code points; nil for complex numbers.
  var orderKeys: [Int]? {
    if type == .string { return rankedStrings }
    if type == .u64, let bits = integers { return bits.map { $0 ^ .min } }
    if let integers { return integers }
    guard type.isFloat else { return nil }
    return doubles.map { value in
      if value.isNaN { return .max }
      let bits = Int(bitPattern: UInt(value == 0 ? 0 : value.bitPattern))
      return bits < 0 ? ~bits ^ .min : bits
    }
  }

  private var rankedStrings: [Int] {
    let texts = strings.map(ScalarText.init)
    let order = texts.indices.sorted { texts[$0] < texts[$1] }
    var keys = Array(repeating: 0, count: texts.count)
    var rank = 0
    for (place, index) in order.enumerated() {
      if place > 0, texts[order[place - 1]] != texts[index] { rank += 1 }
      keys[index] = rank
    }
    return keys
  }
}
