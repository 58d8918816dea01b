import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Moves QuantizeLinear before operators that only move or compare elements, so that they work on integers.
  ///
  ///     %y = Concat(%a, %b)         // also MaxPool, Reshape, Transpose, ...
  ///     %q = QuantizeLinear(%y, %s, %z)
  /// ->
  ///     %qa = QuantizeLinear(%a, %s, %z)
  ///     %qb = QuantizeLinear(%b, %s, %z)
  ///     %q = Concat(%qa, %qb)
  ///
  /// Quantization keeps the order of numbers, so a maximum of them is that of their integers. Preconditions: %y has one
  /// reader; one scale and zero point for the tensor; 8 bits, or 16 that are not compared.
  package static let hoistQuantize = Pass(
    "hoist-quantize", "move QuantizeLinear before operators that only move or compare elements"
  ) { (rw) throws(Diagnostic) in
    // Those that have moved meet the next operator before them.
    var waiting = rw.graph.nodeIDs
    while let id = waiting.popLast() {
      guard let match = rw.match(id, as: QuantizeLinear.self), rw.hasOneUse(match.input(0)),
        let parameters = QuantizationParameters(match, rw), parameters.isPerTensor,
        let value = match.input(0),
        let place = rw.graph.producer(of: value)
      else { continue }
      let node = rw.graph[place]
      guard node.outputs.first == value,
        node.outputs.dropFirst().allSatisfy({ $0.map { rw.graph.useCount(of: $0) == 0 } ?? true }),
        IntegerMovement.moves(parameters.type, node.op),
        !(node.op is Split), let count = IntegerMovement.dataInputCount(node, rw)
      else { continue }
      var data: [ValueID?] = []
      for index in 0..<count {
        let moved = try rw.insert(
          match.op, inputs: [node.inputs[index]] + match.node.inputs.dropFirst(), before: place,
          name: "\(node.name).q\(index)")
        data.append(moved)
        if let producer = rw.graph.producer(of: moved) { waiting.append(producer) }
      }
      let inputs = IntegerMovement.inputs(of: node, moving: data, parameters, &rw)
      try rw.replace(id, with: node.op, inputs: inputs, named: node.name)
    }
  }
}
