import Diagnostics
import IR
import Ops
import Tensors
import Testing

/// Support vector machines against onnxruntime's results, and their compositions against themselves.
@Suite struct SupportVectorTests {
  private let samples = Tensor([1, 2, -1, 0.5, 0, -3] as [Float], shape: [3, 2])

  private static func vectors(_ kernel: String, _ attributes: inout Attributes) {
    attributes.floats("support_vectors", [1, 1, -1, 2, 0, -1])
    attributes.floats("kernel_params", [0.5, 1, 3])
    attributes.string("kernel_type", kernel)
  }

  private func make<T: Op>(
    _: T.Type, _ build: (inout Attributes) -> Void
  ) throws(Diagnostic) -> T {
    var reader = AttributeReader(Attributes(build), opset: 1, inputCount: 1, outputCount: 2)
    let op = try T(&reader)
    try reader.finish()
    return op
  }

  /// Checks the numbers, and that the attributes and the composition keep them.
  private func check<T: TensorOp>(
    _ op: T, labels: [Int]? = nil, _ expected: [Double], isComposed: Bool = true
  ) throws {
    let count = labels == nil ? 1 : 2
    var reader = AttributeReader(op.attributes, opset: 1, inputCount: 1, outputCount: count)
    var runs = [
      try op.evaluate(Operands([samples], outputCount: count)),
      try T(&reader).evaluate(Operands([samples], outputCount: count)),
    ]
    let context = InferenceContext(
      types: [.tensor(.f32, [.symbol("N"), 2])], constants: [], contents: [],
      outputCount: count, symbolPrefix: "t")
    let body = try (op as? any Composed)?.composition(context)
    #expect((body != nil) == isComposed)
    if let body {
      runs.append(try body.evaluate([.tensor(samples)]).compactMap(\.tensor))
    }
    for run in runs {
      #expect(labels == nil || run[0].integers == labels)
      let scores = run[count - 1]
      #expect(scores.doubles.count == expected.count)
      #expect(zip(scores.doubles, expected).allSatisfy { ($0 - $1).magnitude < 2e-6 })
    }
    #expect(
      try op.infer(context).map { $0.tensor?.shape?.last?.value }.last == runs[0].last?.shape.last)
  }

  @Test(
    arguments: [
      ("LINEAR", [-5.25, -3, 10.75]), ("POLY", [-7.5625, -6.6953125, 39.4375]),
      ("RBF", [0.43140596, 0.37888739, 0.52077007]),
      ("SIGMOID", [-0.24330717, 0.87384492, 2.95619774]),
    ])
  func regression(kernel: String, expected: [Double]) throws {
    let op = try make(SVMRegressor.self) {
      Self.vectors(kernel, &$0)
      $0.floats("coefficients", [0.5, -1, 2])
      $0.floats("rho", [0.25])
      $0.int("n_supports", 3)
    }
    try check(op, expected)
  }

  @Test func oneClass() throws {
    let op = try make(SVMRegressor.self) {
      $0.floats("coefficients", [0.5, -1])
      $0.floats("rho", [0.25])
      $0.flag("one_class", true)
    }
    try check(op, [-1, -1, 1])
  }

  @Test(
    arguments: [
      ([0.5, -1, 2], 0.25, [4, 4, 4], [0.43140593, 0.37888739, 0.52077001]),
      ([0.5, 1, 2], -0.9, [7, 7, 7], [-0.44792348, -0.12180767, -0.62922543]),
      ([0.5, 1, 2], 0.9, [4, 4, 4], [1.35207652, 1.67819225, 1.17077457]),
    ])
  func twoClasses(
    coefficients: [Double], rho: Double, labels: [Int], scores: [Double]
  ) throws {
    let op = try make(SVMClassifier.self) {
      Self.vectors("RBF", &$0)
      $0.floats("coefficients", coefficients)
      $0.floats("rho", [rho])
      $0.ints("vectors_per_class", [1, 2])
      $0.ints("classlabels_ints", [4, 7])
    }
    try check(op, labels: labels, scores.flatMap { [-$0, $0] })
  }

  private func three(_ build: (inout Attributes) -> Void = { _ in }) throws -> SVMClassifier {
    try make(SVMClassifier.self) {
      Self.vectors("RBF", &$0)
      $0.floats("coefficients", [0.5, -1, 2, 1, -0.25, 0.75])
      $0.floats("rho", [0.25, -0.1, 0.3])
      $0.ints("vectors_per_class", [1, 1, 1])
      $0.ints("classlabels_ints", [4, 7, 9])
      build(&$0)
    }
  }

  @Test func threeClasses() throws {
    try check(
      try three(), labels: [4, 7, 4],
      [
        0.41793007, 0.52000654, 0.27121964, -0.01493598, 0.41325632, 0.36652064, 0.25009948,
        0.17087403, 0.40150091,
      ])
  }

  /// The standard's reference multiplies where the paper takes single products, and gives other numbers.
  @Test func probabilities() throws {
    let op = try three {
      $0.floats("prob_a", [-1.5, -0.5, -2])
      $0.floats("prob_b", [0.1, 0.2, -0.3])
    }
    try check(
      op, labels: [4, 7, 4],
      [
        0.41533443, 0.33508411, 0.24958147, 0.32757473, 0.45178223, 0.22064298, 0.37250096,
        0.39357266, 0.23392637,
      ], isComposed: false)
  }

  @Test func weightsOfColumns() throws {
    let op = try make(SVMClassifier.self) {
      $0.floats("coefficients", [1, 0.5, -0.5, 0.25])
      $0.floats("rho", [0.25])
      $0.ints("classlabels_ints", [4, 7])
    }
    try check(op, labels: [4, 7, 7], [2.25, 0.25, -0.5, 0.875, -1.25, -0.5])
  }

  @Test func refusesWhatDoesNotFit() throws {
    #expect(
      diagnosticID { () throws(Diagnostic) in
        _ = try make(SVMClassifier.self) {
          $0.floats("coefficients", [1, 2, 3])
          $0.floats("rho", [0.25])
          $0.ints("vectors_per_class", [1, 2])
          $0.ints("classlabels_ints", [4, 7, 9])
        }
      } == "attribute.length")
    let op = try make(SVMRegressor.self) {
      Self.vectors("LINEAR", &$0)
      $0.floats("coefficients", [1, 2])
      $0.floats("rho", [0.25])
      $0.int("n_supports", 2)
    }
    #expect(
      diagnosticID { () throws(Diagnostic) in
        _ = try op.evaluate(Operands([samples], outputCount: 1))
      } == "attribute.length")
  }
}
