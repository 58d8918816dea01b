import Diagnostics
import IR
import Ops
import Tensors

extension OperatorRecipes {
  /// Control flow, whose bodies are chains of elementwise operators over what they are given and what they capture.
  static let regions: [OperatorRecipe] = [
    OperatorRecipe("If") { (grower, name) throws(Diagnostic) in
      let captured = grower.value(.f32)
      let condition = grower.value(.bool, shape: [])
      let branches = try (0..<2).map { _ throws(Diagnostic) in
        var branch = grower.region()
        let x = branch.input(grower.tensor(captured))
        let result = try branch.chain(x)
        return branch.finished([result])
      }
      grower.random = branches[1].random
      try grower.apply(name, [condition, captured]) {
        $0["then_branch"] = .graph(branches[0].graph)
        $0["else_branch"] = .graph(branches[1].graph)
        $0.int("captures", 1)
      }
    },
    OperatorRecipe("Loop") { (grower, name) throws(Diagnostic) in
      let state = grower.filled(.f32, .within(-2, 2))
      let captured = grower.value(.f32, shape: grower.shape(of: state), .within(-1, 1))
      var body = grower.region()
      let place = body.input(Tensor(scalar: Int64(0)))
      let condition = body.input(Tensor(scalar: true))
      let x = body.input(grower.tensor(state))
      let y = body.input(grower.tensor(captured))
      let goesOn = try body.apply("Identity", [condition])
      let sum = try body.apply("Add", [try body.chain(x), y])
      let number = try body.apply("Cast", [place]) { $0.int("to", 1) }
      let collected = try body.apply("Mul", [sum[0], number[0]])
      let finished = body.finished(goesOn + sum + collected)
      grower.random = finished.random
      let count = grower.constant(Tensor(scalar: Int64(grower.number(1...4))))
      let start = grower.flag() ? grower.value(.bool, shape: []) : nil
      try grower.apply(name, [count, start, state, captured], outputs: 2) {
        $0["body"] = .graph(finished.graph)
        $0.int("captures", 1)
      }
    },
    OperatorRecipe("Scan") { (grower, name) throws(Diagnostic) in
      let scanned = grower.filled(.f32, rank: 1...3, .within(-2, 2))
      let shape = Array(grower.shape(of: scanned).dropFirst())
      let state = grower.value(.f32, shape: shape, .within(-2, 2))
      var body = grower.region()
      let x = body.input(grower.tensor(state))
      let slice = body.input(Tensor(zeros: shape, type: .f32))
      let sum = try body.apply("Add", [try body.chain(x), slice])
      let collected = try body.apply("Abs", sum)
      let finished = body.finished(sum + collected)
      grower.random = finished.random
      let isBackward = grower.flag()
      try grower.apply(name, [state, scanned], outputs: 2) {
        $0["body"] = .graph(finished.graph)
        $0.int("num_scan_inputs", 1)
        if isBackward { $0.ints("scan_input_directions", [1]) }
      }
    },
  ]
}

extension GraphGrower {
  /// A graph for an attribute of the next node.
  func region() -> GraphGrower {
    var region = GraphGrower("body", seed: 0, isRegion: true)
    region.random = random
    return region
  }

  func finished(_ outputs: [ValueID]) -> GraphGrower {
    var copy = self
    copy.setOutputs(outputs)
    return copy
  }

  /// Some elementwise operators, one behind the other, that keep shape and type.
  mutating func chain(_ x: ValueID) throws(Diagnostic) -> ValueID {
    var result = x
    for _ in 0..<number(1...3) {
      result = try apply(pick(["Tanh", "Sin", "Relu", "Neg", "Abs", "Sigmoid"]), [result])[0]
    }
    return result
  }
}
