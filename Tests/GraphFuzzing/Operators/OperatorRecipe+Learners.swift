import Diagnostics
import IR
import Ops
import Tensors

extension OperatorRecipes {
  /// Operators of classical machine learning.
  static let learners: [OperatorRecipe] = [
    OperatorRecipe("ai.onnx.ml.Binarizer") { (grower, name) throws(Diagnostic) in
      let x = grower.value(grower.type(name, "T"))
      let threshold = grower.pick([0, 0.5, 1])
      try grower.apply(name, [x]) { $0.float("threshold", threshold, default: 0) }
    },
    OperatorRecipe("ai.onnx.ml.ArrayFeatureExtractor") { (grower, name) throws(Diagnostic) in
      let x = grower.filled(grower.type(name, "T", among: .ordered), rank: 1...3)
      let size = grower.shape(of: x).last ?? 1
      let places = grower.indices(.i64, [grower.number(1...4)], below: size, negative: false)
      try grower.apply(name, [x, places])
    },
    OperatorRecipe("ai.onnx.ml.FeatureVectorizer") { (grower, name) throws(Diagnostic) in
      let rows = grower.number(1...3)
      let widths = (0..<grower.number(1...3)).map { _ in grower.number(1...4) }
      let type = grower.type(name, "T")
      let parts = widths.map { grower.value(type, shape: [rows, $0]) }
      try grower.apply(name, parts) { $0.ints("inputdimensions", widths) }
    },
    OperatorRecipe("ai.onnx.ml.Imputer") { (grower, name) throws(Diagnostic) in
      let x = grower.filled(.f32, rank: 2...2)
      let columns = grower.shape(of: x)[1]
      let values = (0..<(grower.flag() ? 1 : columns)).map { Double($0) + 0.5 }
      let missing = grower.pick([0, 1])
      try grower.apply(name, [x]) {
        $0.floats("imputed_value_floats", values)
        $0.float("replaced_value_float", Double(missing))
      }
    },
    OperatorRecipe("ai.onnx.ml.LabelEncoder") { (grower, name) throws(Diagnostic) in
      let isText = grower.flag()
      let x = grower.value(isText ? .string : .i64)
      try grower.apply(name, [x]) {
        if isText {
          $0.strings("keys_strings", ["a", "abc"])
          $0.ints("values_int64s", [3, 4])
        } else {
          $0.ints("keys_int64s", [0, 1, -2])
          $0.floats("values_floats", [0.5, 1.5, 2.5])
        }
      }
    },
    OperatorRecipe("ai.onnx.ml.LinearRegressor") { (grower, name) throws(Diagnostic) in
      let x = grower.filled(.f32, rank: 2...2)
      let columns = grower.shape(of: x)[1]
      let targets = grower.number(1...3)
      let coefficients = Numbers.tame.tensor(.f32, [targets * columns], &grower.random).doubles
      // onnxruntime leaves a single score as it is, the standard's reference knows no transform.
      let transform = targets > 1 ? grower.pick(["NONE", "LOGISTIC", "SOFTMAX"]) : "NONE"
      try grower.apply(name, [x]) {
        $0.floats("coefficients", coefficients)
        $0.floats("intercepts", (0..<targets).map { Double($0) })
        $0.int("targets", targets, default: 1)
        $0.string("post_transform", transform, default: "NONE")
      }
    },
    OperatorRecipe("ai.onnx.ml.LinearClassifier") { (grower, name) throws(Diagnostic) in
      let x = grower.filled(.f32, rank: 2...2)
      let columns = grower.shape(of: x)[1]
      let classes = grower.number(2...4)
      let coefficients = Numbers.within(-1, 1).tensor(.f32, [classes * columns], &grower.random)
        .doubles
      let transform = grower.pick(["NONE", "LOGISTIC", "SOFTMAX"])
      try grower.apply(name, [x], outputs: 2) {
        $0.floats("coefficients", coefficients)
        $0.floats("intercepts", (0..<classes).map { Double($0) / 4 })
        $0.ints("classlabels_ints", Array(0..<classes))
        $0.string("post_transform", transform, default: "NONE")
      }
    },
    OperatorRecipe("ai.onnx.ml.SVMRegressor") { (grower, name) throws(Diagnostic) in
      let x = grower.filled(.f32, rank: 2...2)
      let count = grower.number(1...4)
      let machine = grower.supportVectors(count, columns: grower.shape(of: x)[1], rows: 1)
      let isOneClass = grower.chance(1, of: 4)
      try grower.apply(name, [x]) {
        machine(&$0)
        $0.floats("rho", [0.25])
        $0.int("n_supports", count)
        $0.flag("one_class", isOneClass)
      }
    },
    OperatorRecipe("ai.onnx.ml.SVMClassifier") { (grower, name) throws(Diagnostic) in
      let x = grower.filled(.f32, rank: 2...2)
      let classes = grower.number(2...4)
      let counts = (0..<classes).map { _ in grower.number(1...3) }
      let machine = grower.supportVectors(
        counts.reduce(0, +), columns: grower.shape(of: x)[1], rows: classes - 1)
      let duels = classes * (classes - 1) / 2
      try grower.apply(name, [x], outputs: 2) {
        machine(&$0)
        $0.floats("rho", (0..<duels).map { Double($0) / 8 - 0.25 })
        $0.ints("vectors_per_class", counts)
        $0.ints("classlabels_ints", (0..<classes).map { 3 * $0 + 1 })
      }
    },
    OperatorRecipe("ai.onnx.ml.Normalizer") { (grower, name) throws(Diagnostic) in
      let x = grower.filled(.f32, rank: 2...2)
      let norm = grower.pick(["MAX", "L1", "L2"])
      try grower.apply(name, [x]) { $0.string("norm", norm, default: "MAX") }
    },
    OperatorRecipe("ai.onnx.ml.OneHotEncoder") { (grower, name) throws(Diagnostic) in
      let x = grower.filled(grower.pick([.i64, .f32]), rank: 1...2, .within(0, 3))
      try grower.apply(name, [x]) { $0.ints("cats_int64s", [0, 1, 3]) }
    },
    OperatorRecipe("ai.onnx.ml.Scaler") { (grower, name) throws(Diagnostic) in
      let x = grower.filled(grower.type(name, "T", among: [.f32, .f64, .i64, .i32]), rank: 2...2)
      let columns = grower.shape(of: x)[1]
      let count = grower.flag() ? 1 : columns
      try grower.apply(name, [x]) {
        $0.floats("offset", (0..<count).map { Double($0) / 2 })
        $0.floats("scale", (0..<count).map { Double($0 + 1) / 4 })
      }
    },
  ]
}

extension GraphGrower {
  /// The attributes of `count` support vectors with some kernel, and `rows` of their coefficients.
  fileprivate mutating func supportVectors(
    _ count: Int, columns: Int, rows: Int
  ) -> (inout Attributes) -> Void {
    let kernel = pick(["LINEAR", "POLY", "RBF", "SIGMOID"])
    let vectors = Numbers.tame.tensor(.f32, [count * columns], &random).doubles
    let coefficients = Numbers.within(-1, 1).tensor(.f32, [rows * count], &random).doubles
    return {
      $0.string("kernel_type", kernel)
      $0.floats("kernel_params", [0.125, 0.5, 2])
      $0.floats("support_vectors", vectors)
      $0.floats("coefficients", coefficients)
    }
  }
}
