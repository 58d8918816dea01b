import IR
import Interpreter
import Martlet
import Ops
import Tensors
import Testing

@Suite("graphs in double precision") struct WideningTests {
  /// 1 + 2^-30, which f32 cannot hold, survives sums, fused regions and casts.
  @Test("computes in f64 what was f32")
  func computesWide() throws {
    var sketch = GraphSketch("wide")
    let x = sketch.input([1, 4])
    let small = sketch.scalar(0x1p-30)
    let sum = try sketch.node("Add", [x, small])
    let cast = try sketch.node("Cast", [sum], ["to": 1])
    let y = try sketch.node("Relu", [cast])
    sketch.finish([y])
    var fused = sketch.graph
    _ = try Optimizer().run(.compile, on: &fused)
    for graph in [sketch.graph, fused] {
      let wide = try graph.widened()
      let ones = Tensor([Double](repeating: 1, count: 4), shape: [1, 4])
      let found = try Interpreter(wide).run([.tensor(ones)])
      #expect(found[0].tensor?.doubles == Array(repeating: 1 + 0x1p-30, count: 4))
    }
    let names = sketch.graph.nodeIDs.map { sketch.graph[$0].name }
    let wide = try sketch.graph.widened()
    #expect(names == wide.nodeIDs.map { wide[$0].name })
    #expect(wide.tensorType(sum)?.element == .f64)
  }

  /// Resize takes its scales in f32 only, QuantizeLinear and DequantizeLinear no f64 at all.
  @Test("operators without f64 run on f32 between conversions")
  func keepsNarrow() throws {
    var sketch = GraphSketch("narrow")
    let x = sketch.image([1, 2, 4, 4])
    let scales = sketch.floats([1, 1, 2, 2])
    let larger = try sketch.node("Resize", [x, nil, scales], ["mode": "linear"])
    let (scale, zero) = (sketch.scalar(0.25), sketch.constant(Tensor(scalar: Int8(0))))
    let quantized = try sketch.node("QuantizeLinear", [larger, scale, zero])
    let back = try sketch.node("DequantizeLinear", [quantized, scale, zero])
    let y = try sketch.node("Mul", [back, larger])
    sketch.finish([y])
    let wide = try sketch.graph.widened()
    #expect(wide.tensorType(larger)?.element == .f64)
    #expect(wide.tensorType(quantized)?.element == .i8)
    #expect(wide.tensorType(y)?.element == .f64)
    let input = sketch.inputs(growth: 0, seed: 2)[0]
    let expected = try Interpreter(sketch.graph).run([.tensor(input)])[0].tensor
    let double = Tensor(doubles: input.doubles, shape: input.shape, type: .f64)
    let found = try Interpreter(wide).run([.tensor(double)])[0].tensor
    let (a, b) = (try #require(found?.doubles), try #require(expected?.doubles))
    #expect(zip(a, b).allSatisfy { abs($0 - $1) <= 1e-5 })
  }

  /// The first product cancels all but the last bits of its terms, the second changes nothing.
  @Test("a layer's own error is told from what came before it")
  func separatesErrors() throws {
    var sketch = GraphSketch("layers")
    let x = sketch.input([2, 64])
    var columns: [Float] = []
    for row in 0..<64 {
      for column in 0..<16 { columns.append((row % 2 == 0 ? 1 : -1) * Float(4096 + column)) }
    }
    let cancelling = sketch.constant(Tensor(columns, shape: [64, 16]))
    let identity = sketch.constant(
      Tensor((0..<256).map { $0 / 16 == $0 % 16 ? Float(1) : 0 }, shape: [16, 16]))
    let first = try sketch.node("MatMul", [x, cancelling])
    let second = try sketch.node("MatMul", [first, identity])
    sketch.finish([second])
    var values: [Float] = []
    for number in 0..<128 {
      let (pair, other) = (Float(number / 2 % 32), Float(number % 7))
      values.append(1 + pair * 0x1p-20 + other * 0x1p-23)
    }
    let errors = try LayerErrors(
      sketch.graph, optimized: sketch.graph, inputs: [.tensor(Tensor(values, shape: [2, 64]))],
      threads: 1, code: CodeOptions())
    #expect(errors.layers.map(\.op) == ["MatMul", "MatMul"])
    let (a, b) = (errors.layers[0], errors.layers[1])
    #expect(a.own.relative > 1e-4)
    #expect(a.own.relative == a.accumulated.relative)
    #expect(b.own.largest == 0)
    #expect(b.accumulated.relative == a.accumulated.relative)
    #expect(errors.outputs.map(\.error.largest) == [b.accumulated.largest])
    #expect(a.choice.hasPrefix("register tile"))
  }

  @Test("a convolution's choice and its cost are beside each other", arguments: [true, false])
  func showsWhatWinogradCosts(isFiltered: Bool) throws {
    var sketch = GraphSketch("conv")
    let x = sketch.image([1, 32, 24, 24])
    let weights = sketch.weight([32, 32, 3, 3])
    let sum = try sketch.node("Conv", [x, weights], ["pads": [1, 1, 1, 1]])
    sketch.finish([try sketch.node("Relu", [sum])])
    var optimized = sketch.graph
    _ = try Optimizer().run(.compile, on: &optimized)
    var code = CodeOptions()
    code.winograd = isFiltered ? .four : .off
    let inputs = sketch.inputs(growth: 0, seed: 4).map { Value.tensor($0) }
    let errors = try LayerErrors(
      sketch.graph, optimized: optimized, inputs: inputs, threads: 1, code: code)
    let layer = try #require(errors.layers.first)
    #expect(layer.op == "Conv")
    #expect(layer.choice.hasPrefix("winograd") == isFiltered)
    #expect(layer.own.relative > 1e-8 && layer.own.relative < 2e-6)
    #expect(layer.own.ofLargest < 2e-6)
    #expect(layer.own.largestOutput == errors.outputs[0].error.largestOutput)
  }
}
