import Diagnostics
import IR
import Ops
import Tensors
import Testing

private let n = IndexExpr.symbol("N")

private func close(_ found: Tensor, _ expected: [Double]) -> Bool {
  found.doubles.count == expected.count
    && zip(found.doubles, expected).allSatisfy { ($0 - $1).magnitude < 1e-6 }
}

@Suite struct NormalizationTests {
  @Test func softmaxAlongAnAxisOrFlattened() throws {
    let x = Tensor([0.0, 0, 0, 0, 0, 0], shape: [1, 2, 3])
    #expect(close(try run(Softmax(axis: 1), x)[0], Array(repeating: 1.0 / 2, count: 6)))
    #expect(
      close(
        try run(Softmax(axis: 1, flattens: true), x)[0], Array(repeating: 1.0 / 6, count: 6)))
    let large = Tensor([1000.0, 1000], shape: [2])
    #expect(close(try run(LogSoftmax(), large)[0], [-0.6931471805599453, -0.6931471805599453]))
    #expect(try run(Hardmax(), Tensor([1.0, 3, 3], shape: [3]))[0].doubles == [0, 1, 0])
  }

  @Test(arguments: [(12, true, 1), (13, false, -1)])
  func softmaxUpgrades(opset: Int, flattens: Bool, axis: Int) throws {
    var node = ImportedNode(
      name: "s", domain: "", op: "Softmax", opset: opset, inputs: [.value("x")], outputs: ["y"],
      attributes: Attributes())
    try Softmax.upgrade(&node)
    var reader = AttributeReader(
      node.attributes, opset: opset, inputCount: 1, outputCount: 1)
    let op = try Softmax(&reader)
    #expect(op.flattens == flattens && op.axis == axis)
  }

  @Test func softmaxRefusesAxes() {
    let problem = OperatorCase([.type(.f32, [n, 3])])
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try problem.types(Softmax(axis: 2)) }
        == "attribute.axis")
  }

  @Test func batchNormalizes() throws {
    let x = Tensor([1.0, 3, 10, 30], shape: [1, 2, 2])
    let one = Tensor([1.0, 2], shape: [2])
    let zero = Tensor([0.0, 1], shape: [2])
    let given = try run(
      BatchNormalization(epsilon: 0), x, one, zero, Tensor([1.0, 10], shape: [2]),
      Tensor([4.0, 100], shape: [2]))
    #expect(close(given[0], [0, 1, 1, 5]))
    let trained = try run(
      BatchNormalization(epsilon: 0, momentum: 0.5, trainingMode: true), x, one, zero, zero, one,
      outputCount: 3)
    #expect(close(trained[0], [-1, 1, -1, 3]))
    #expect(close(trained[1], [1, 10.5]) && close(trained[2], [1, 51]))
  }

  @Test func batchNormalizationRefusesParameters() {
    let problem = OperatorCase(
      [.type(.f32, [n, 3, 4])] + Array(repeating: .type(.f32, [2]), count: 4))
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try problem.types(BatchNormalization()) }
        == "shape.parameter")
  }

  @Test func layersGroupsAndInstances() throws {
    let x = Tensor([1.0, 3, 10, 30], shape: [1, 2, 2])
    let scale = Tensor([1.0, 2], shape: [2])
    let shift = Tensor([0.0, 1], shape: [2])
    let layer = try run(LayerNormalization(epsilon: 0), x, scale, shift, outputCount: 3)
    #expect(close(layer[0], [-1, 3, -1, 3]))
    #expect(close(layer[1], [2, 20]) && layer[1].shape == [1, 2, 1])
    #expect(
      close(try run(InstanceNormalization(epsilon: 0), x, scale, shift)[0], [-1, 1, -1, 3]))
    #expect(
      close(try run(GroupNormalization(groups: 2, epsilon: 0), x, scale, shift)[0], [-1, 1, -1, 3]))
    let rms = try run(
      RMSNormalization(epsilon: 0), Tensor([3.0, 4], shape: [1, 2]), Tensor([1.0, 1], shape: [2]))
    #expect(close(rms[0], [3 / 12.5.squareRoot(), 4 / 12.5.squareRoot()]))
  }

  @Test func layerStatisticsKeepSymbols() throws {
    let problem = OperatorCase([.type(.f16, [n, 4, 8]), .type(.f16, [8])])
    #expect(
      try problem.types(LayerNormalization()) == ["f16[N, 4, 8]", "f32[N, 4, 1]", "f32[N, 4, 1]"])
  }

  @Test func lossesIgnoreAndWeigh() throws {
    let logs = Tensor([-1.0, -2, -3, -4], shape: [2, 2])
    let targets = Tensor([Int64(0), 1], shape: [2])
    let weight = Tensor([1.0, 3], shape: [2])
    #expect(close(try run(NegativeLogLikelihoodLoss(), logs, targets)[0], [2.5]))
    #expect(close(try run(NegativeLogLikelihoodLoss(), logs, targets, weight)[0], [13.0 / 4]))
    let ignoring = ClassLoss(reduction: .none, ignoreIndex: 1)
    #expect(
      close(try run(NegativeLogLikelihoodLoss(form: ignoring), logs, targets)[0], [1, 0]))
    #expect(
      diagnosticID { () throws(Diagnostic) in
        _ = try run(NegativeLogLikelihoodLoss(), logs, Tensor([Int64(0), 2], shape: [2]))
      } == "index.out-of-range")
  }
}
