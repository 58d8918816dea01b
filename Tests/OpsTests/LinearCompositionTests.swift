import Diagnostics
import IR
import Ops
import Tensors
import Testing

/// Classical operators on tables as operators of the standard, against themselves.
@Suite struct LinearCompositionTests {
  private let samples = Tensor(
    [0.5, -1, 2, 3, 0, 0, 0, 0, -2, 4, 1, 0.25] as [Float], shape: [4, 3])

  private func agree<T: TensorOp & Composed>(
    _: T.Type, _ given: Tensor? = nil, outputCount: Int = 1, _ build: (inout Attributes) -> Void
  ) throws {
    var reader = AttributeReader(
      Attributes(build), opset: 3, inputCount: 1, outputCount: outputCount)
    let op = try T(&reader)
    try reader.finish()
    let input = given ?? samples
    var shape = input.shape.map { IndexExpr($0) }
    if shape.count == 2 { shape[0] = .symbol("N") }
    let context = InferenceContext(
      types: [.tensor(input.type, shape)], constants: [], contents: [],
      outputCount: outputCount, symbolPrefix: "t")
    let body = try #require(try op.composition(context))
    let found = try body.evaluate([.tensor(input)]).compactMap(\.tensor)
    let expected = try op.evaluate(Operands([input], outputCount: outputCount))
    #expect(found.count == outputCount)
    for (a, b) in zip(found, expected) {
      #expect(a.shape == b.shape)
      #expect(Tolerance.oneOperator(b.type).compare(a, b).mismatch == nil)
    }
  }

  @Test(arguments: ["NONE", "LOGISTIC"], [ElementType.f32, .f64, .i64])
  func regression(transform: String, type: ElementType) throws {
    try agree(LinearRegressor.self, samples.converted(to: type)) {
      $0.floats("coefficients", [1, 2, -0.5, 0, 0.25, 3])
      $0.floats("intercepts", [0.5, -1])
      $0.int("targets", 2)
      $0.string("post_transform", transform)
    }
  }

  @Test func aVectorIsOneSample() throws {
    try agree(LinearRegressor.self, Tensor([1, 2, 3] as [Float], shape: [3])) {
      $0.floats("coefficients", [1, 2, -0.5])
    }
  }

  @Test(
    "classes by their scores; one row for two labels, and one class alone",
    arguments: ["NONE", "SOFTMAX", "LOGISTIC"], [1, 2, 3])
  func classification(transform: String, labels: Int) throws {
    let rows = labels == 3 ? 3 : 1
    try agree(LinearClassifier.self, outputCount: 2) {
      $0.floats("coefficients", Array([1, 2, -0.5, 0, 0.25, 3, -1, 0.5, 0.5].prefix(rows * 3)))
      $0.floats("intercepts", Array([0.5, -1, 0.25].prefix(rows)))
      $0.ints("classlabels_ints", Array([7, 8, 9].prefix(labels)))
      $0.string("post_transform", transform)
    }
  }

  @Test(arguments: [[1.0, 2, 3], [0.5]])
  func scaling(offset: [Double]) throws {
    try agree(Scaler.self) {
      $0.floats("offset", offset)
      $0.floats("scale", [0.5, -1, 4])
    }
  }

  @Test("a sample of zeros stays zero", arguments: ["MAX", "L1", "L2"])
  func norms(norm: String) throws {
    try agree(Normalizer.self) { $0.string("norm", norm) }
  }

  @Test func squaresNeitherOverflowNorVanish() throws {
    let extreme = Tensor([1e25, 2e25, 0, 1e-25, 3e-25, 0] as [Float], shape: [2, 3])
    try agree(Normalizer.self, extreme) { $0.string("norm", "L2") }
  }

  @Test(arguments: [[7.0, 8, 9], [7]])
  func missingValues(values: [Double]) throws {
    let holes = Tensor([1, .nan, 0, .nan, 2, 3] as [Float], shape: [2, 3])
    for missing in [Double.nan, 0] {
      try agree(Imputer.self, holes) {
        $0.floats("imputed_value_floats", values)
        $0.float("replaced_value_float", missing)
      }
    }
    try agree(Imputer.self, Tensor([1, -1, 3] as [Int64], shape: [1, 3])) {
      $0.ints("imputed_value_int64s", [5])
      $0.int("replaced_value_int64", -1)
    }
  }

  @Test func oneHots() throws {
    let given = Tensor([2, 5, 0, 2.5] as [Float], shape: [2, 2])
    try agree(OneHotEncoder.self, given) { $0.ints("cats_int64s", [0, 2]) }
    let known = Tensor([2, 0, 2] as [Int64], shape: [3])
    try agree(OneHotEncoder.self, known) {
      $0.ints("cats_int64s", [0, 2])
      $0.int("zeros", 0)
    }
  }
}
