import Diagnostics
import Glibc
import IR
import Tensors

/// Support vectors and the kernel that samples are compared with them by.
///
/// Source: ai.onnx.ml SVMClassifier-1 and SVMRegressor-1, attributes `kernel_type`, `kernel_params` (gamma, coef0 and degree),
/// `support_vectors`, `coefficients` and `rho`.
struct SupportVectors: Sendable {
  enum Kernel: String, CaseIterable, Sendable {
    case linear = "LINEAR"
    case polynomial = "POLY"
    case radial = "RBF"
    case sigmoid = "SIGMOID"
  }

  let kernel: Kernel
  let parameters: [Double]
  /// The vectors one after the other; without any, coefficients weight the columns themselves.
  let vectors: [Double]
  let coefficients: [Double]
  let rho: [Double]

  private var gamma: Double { parameters.isEmpty ? 0 : parameters[0] }
  private var offset: Double { parameters.isEmpty ? 0 : parameters[1] }
  private var degree: Double { parameters.isEmpty ? 0 : parameters[2].rounded(.towardZero) }

  init(_ reader: inout AttributeReader) throws(Diagnostic) {
    let names = Kernel.allCases.map(\.rawValue)
    let name = try reader.string("kernel_type", default: "LINEAR", oneOf: names)
    kernel = Kernel(rawValue: name) ?? .linear
    parameters = try reader.floats("kernel_params") ?? []
    vectors = try reader.floats("support_vectors") ?? []
    guard let coefficients = try reader.floats("coefficients"), !coefficients.isEmpty else {
      throw reader.missing("coefficients")
    }
    self.coefficients = coefficients
    guard let rho = try reader.floats("rho"), !rho.isEmpty else { throw reader.missing("rho") }
    self.rho = rho
    guard parameters.isEmpty || parameters.count == 3 else {
      throw Diagnostic(
        "attribute.length",
        "'kernel_params' has \(parameters.count) values, expected gamma, coef0 and degree")
    }
  }

  func store(_ attributes: inout Attributes) {
    attributes.string("kernel_type", kernel.rawValue, default: "LINEAR")
    attributes.floats("kernel_params", parameters.isEmpty ? nil : parameters)
    attributes.floats("support_vectors", vectors.isEmpty ? nil : vectors)
    attributes.floats("coefficients", coefficients)
    attributes.floats("rho", rho)
  }

  /// Checks that there are `count` vectors of a table's columns.
  ///
  /// - Throws: `attribute.length`.
  func check(count: Int, columns: Int) throws(Diagnostic) {
    guard vectors.count == count * columns else {
      throw Diagnostic(
        "attribute.length",
        "'support_vectors' has \(vectors.count) values, expected \(count) vectors of \(columns) columns"
      )
    }
  }

  /// What the kernel makes of a sample and each of the vectors.
  func products(_ sample: ArraySlice<Double>) -> [Double] {
    stride(from: 0, to: vectors.count, by: max(sample.count, 1)).map { start in
      let pairs = zip(sample, vectors[start..<start + sample.count])
      if kernel == .radial {
        return exp(-gamma * pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) })
      }
      let product = pairs.reduce(0) { $0 + $1.0 * $1.1 }
      switch kernel {
      case .polynomial: return pow(gamma * product + offset, degree)
      case .sigmoid: return tanh(gamma * product + offset)
      case .linear, .radial: return product
      }
    }
  }

  /// The same as operators: `[N, vectors]` of a table `[N, columns]`. Distances are summed from differences, which keeps
  /// those of near vectors exact.
  func products(
    _ x: ValueID, count: Int, _ element: ElementType, _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    let columns = vectors.count / max(count, 1)
    if kernel == .radial {
      let rows = graph.constant(
        Tensor(doubles: vectors, shape: [1, count, columns], type: element))
      let apart = try graph.add(
        Sub(), graph.add(Unsqueeze(), x, graph.integers([1])), rows)
      let distance = try graph.add(
        ReduceSumSquare(form: ReductionForm(keepsDimensions: false)), apart, graph.integers([2]))
      return try graph.add(Exp(), graph.add(Mul(), distance, graph.scalar(-gamma, element)))
    }
    let matrix = graph.constant(
      Tensor(doubles: vectors, shape: [count, columns], type: element))
    let product = try graph.add(Gemm(transB: true), x, matrix)
    if kernel == .linear { return product }
    let moved = try graph.add(
      Add(), graph.add(Mul(), product, graph.scalar(gamma, element)),
      graph.scalar(offset, element))
    return kernel == .sigmoid
      ? try graph.add(Tanh(), moved)
      : try graph.add(Pow(), moved, graph.scalar(degree, element))
  }
}
