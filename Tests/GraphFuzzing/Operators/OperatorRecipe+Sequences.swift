import Diagnostics
import IR
import Ops
import Tensors

extension OperatorRecipes {
  /// Operators on sequences and optionals, always on a way from tensors to tensors.
  static let sequences: [OperatorRecipe] = [
    OperatorRecipe(
      "SequenceConstruct", "SequenceAt", "SequenceInsert", "SequenceErase", "SequenceLength"
    ) {
      (grower, name) throws(Diagnostic) in
      let type = grower.type("Add", "T")
      let parts = (0..<grower.number(1...3)).map { _ in grower.value(type) }
      var sequence = try grower.apply("SequenceConstruct", parts)[0]
      var count = parts.count
      if name == "SequenceInsert" {
        let place = grower.flag() ? grower.scalar(Double(grower.below(count + 1)), .i64) : nil
        sequence = try grower.apply(name, [sequence, grower.value(type), place])[0]
        count += 1
      }
      if name == "SequenceErase", count > 1 {
        let place =
          grower.flag() ? grower.scalar(Double(grower.number(-count...count - 1)), .i64) : nil
        sequence = try grower.apply(name, [sequence, place])[0]
        count -= 1
      }
      if name == "SequenceLength" {
        try grower.apply(name, [sequence])
      } else {
        let place = grower.scalar(Double(grower.number(-count...count - 1)), .i64)
        try grower.apply("SequenceAt", [sequence, place])
      }
    },
    OperatorRecipe("SplitToSequence", "ConcatFromSequence") { (grower, name) throws(Diagnostic) in
      let x = grower.filled(grower.type("Add", "T"))
      let shape = grower.shape(of: x)
      let axis = grower.below(shape.count)
      let size = grower.flag() ? grower.scalar(Double(grower.number(1...shape[axis])), .i64) : nil
      let keeps = grower.flag()
      let parts = try grower.apply("SplitToSequence", [x, size]) {
        $0.int("axis", axis, default: 0)
        if size == nil { $0.flag("keepdims", keeps, default: true) }
      }[0]
      let isStacked = size == nil && grower.flag()
      try grower.apply("ConcatFromSequence", [parts]) {
        $0.int("axis", size == nil && !keeps && !isStacked ? 0 : axis)
        $0.flag("new_axis", isStacked)
      }
    },
    OperatorRecipe("Optional", "OptionalGetElement", "OptionalHasElement") {
      (grower, name) throws(Diagnostic) in
      let held = try grower.apply("Optional", [grower.value(grower.type("Add", "T"))])
      try grower.apply(name == "OptionalHasElement" ? name : "OptionalGetElement", held)
    },
  ]

  static let texts: [OperatorRecipe] = [
    OperatorRecipe("StringConcat") { (grower, name) throws(Diagnostic) in
      try grower.apply(name, grower.pair(.string, .tame))
    },
    OperatorRecipe("RegexFullMatch") { (grower, name) throws(Diagnostic) in
      let pattern = grower.pick(["a*b?", "[A-Z]b.*", "", "(a|b)+"])
      try grower.apply(name, [grower.value(.string)]) { $0.string("pattern", pattern) }
    },
    OperatorRecipe("StringNormalizer") { (grower, name) throws(Diagnostic) in
      let x = grower.value(.string, shape: [grower.number(1...5)])
      let change = grower.pick(["NONE", "UPPER", "LOWER"])
      let isSensitive = grower.flag()
      let stops = grower.flag() ? ["a", "abc"] : nil
      try grower.apply(name, [x]) {
        $0.string("case_change_action", change, default: "NONE")
        $0.flag("is_case_sensitive", isSensitive)
        $0.strings("stopwords", stops)
      }
    },
    OperatorRecipe("StringSplit") { (grower, name) throws(Diagnostic) in
      let x = grower.value(
        .string, rank: 1...2, where: { !$0.shape.contains(0) },
        make: { $0.filledShape(rank: 1...2) })
      let delimiter = grower.pick([nil, "b", " "])
      try grower.apply(name, [x], outputs: 2) { $0.string("delimiter", delimiter) }
    },
    OperatorRecipe("TfIdfVectorizer") { (grower, name) throws(Diagnostic) in
      let x = grower.value(
        grower.pick([.i64, .i32]), shape: [grower.number(1...2), grower.number(1...8)],
        .within(0, 5))
      let mode = grower.pick(["TF", "IDF", "TFIDF"])
      let skip = grower.below(3)
      try grower.apply(name, [x]) {
        $0.string("mode", mode)
        $0.int("min_gram_length", 1)
        $0.int("max_gram_length", 2)
        $0.int("max_skip_count", skip)
        $0.ints("ngram_counts", [0, 3])
        $0.ints("ngram_indexes", [0, 1, 2, 3, 4])
        $0.ints("pool_int64s", [1, 2, 3, 1, 2, 3, 4])
        $0.floats("weights", [1, 0.5, 2, 0.25, 4])
      }
    },
  ]
}
