import Diagnostics
import IR
import Ops
import Tensors

extension OperatorRecipes {
  static let products: [OperatorRecipe] = [
    OperatorRecipe("MatMul") { (grower, name) throws(Diagnostic) in
      let a = grower.value(grower.type(name, "T"), rank: 1...4, .tame)
      try grower.apply(name, [a, grower.factor(of: a, grower.tensor(a).type)])
    },
    OperatorRecipe("Gemm") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T")
      let a = grower.value(type, rank: 2...2)
      let transposes = [grower.flag(), grower.flag()]
      let shape = grower.shape(of: a)
      let rows = transposes[0] ? shape[1] : shape[0]
      let depth = transposes[0] ? shape[0] : shape[1]
      let columns = grower.number(1...17)
      let b = grower.value(type, shape: transposes[1] ? [columns, depth] : [depth, columns])
      let forms = [[rows, columns], [1, columns], [columns], [rows, 1], [1], []]
      let c = grower.flag() ? grower.value(type, shape: grower.pick(forms)) : nil
      let factors = [grower.pick([1, 1, 0.5, 2, 0]), grower.pick([1, 1, 0.5, 2])]
      try grower.apply(name, [a, b, c]) {
        if !type.isInteger {
          $0.float("alpha", factors[0], default: 1)
          $0.float("beta", factors[1], default: 1)
        }
        $0.flag("transA", transposes[0])
        $0.flag("transB", transposes[1])
      }
    },
    OperatorRecipe("Det") { (grower, name) throws(Diagnostic) in
      let side = grower.number(1...5)
      let batch = grower.flag() ? [grower.number(1...3)] : []
      let x = grower.value(grower.type(name, "T"), shape: batch + [side, side])
      try grower.apply(name, [x])
    },
    OperatorRecipe("Einsum") { (grower, name) throws(Diagnostic) in
      let type = grower.type(name, "T")
      let sizes = Dictionary(uniqueKeysWithValues: "abcd".map { ($0, grower.number(1...5)) })
      let (terms, result) = grower.pick([
        (["ab", "bc"], "ac"), (["abc", "acd"], "abd"), (["ab"], "ba"), (["ab"], "a"),
        (["aab"], "b"),
        (["ab", "ab"], ""), (["a", "b"], "ab"), (["abc", "cd", "d"], "ab"), (["aa"], "a"),
        (["abcd", "abdc"], "abc"),
      ])
      let operands = terms.map { term in
        grower.value(type, shape: term.map { sizes[$0] ?? 1 })
      }
      try grower.apply(name, operands) {
        $0.string("equation", "\(terms.joined(separator: ","))->\(result)")
      }
    },
  ]
}

extension GraphGrower {
  /// Something that a value can be multiplied by as a matrix, of a type of its own.
  mutating func factor(of a: ValueID, _ type: ElementType, _ numbers: Numbers = .tame) -> ValueID {
    let shape = shape(of: a)
    let depth = shape[shape.count - 1]
    if chance(1, of: 8) { return value(type, shape: [depth], numbers) }
    let columns = pick([1, 3, 5, 8, 16, 17, 33])
    let batch = shape.dropLast(2).map { flag() ? $0 : 1 }
    return value(type, shape: batch.suffix(below(batch.count + 1)) + [depth, columns], numbers)
  }
}
