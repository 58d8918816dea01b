import Diagnostics
import IR
import Ops
package import PassManager

extension Pass {
  /// Finds the sigmoid linear unit, which the standard calls Swish.
  ///
  ///     %s = Sigmoid(%x)            // or Sigmoid(Mul(%x, 1.702))
  ///     %y = Mul(%x, %s)
  /// ->
  ///     %y = Swish(%x)              // alpha = 1.702
  ///
  /// Precondition: nobody else reads the gate.
  ///
  /// Source: Ramachandran et al. 2017, arXiv:1710.05941; ONNX Swish-24.
  package static let recogniseSilu = Pass(
    "recognise-silu", "find Swish where it is written out with Sigmoid"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let mul = rw.match(id, as: Mul.self), let a = mul.input(0), let b = mul.input(1),
        let output = mul.output
      else { continue }
      for (x, gate) in [(a, b), (b, a)] {
        guard rw.hasOneUse(gate), rw.haveSameType(x, output),
          let sigmoid = rw.def(of: gate, as: Sigmoid.self), let argument = sigmoid.input(0)
        else { continue }
        let scaled = Product(argument, rw)
        if argument == x {
          try rw.replace(id, with: Swish(), inputs: [x])
          break
        }
        if rw.hasOneUse(argument), scaled.factors == [x] {
          try rw.replace(id, with: Swish(alpha: scaled.number), inputs: [x])
          break
        }
      }
    }
  }
}
