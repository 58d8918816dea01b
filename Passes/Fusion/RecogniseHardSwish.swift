import Diagnostics
import IR
import Ops
package import PassManager

extension Pass {
  /// Finds the hard swish where an exporter has written it out.
  ///
  ///     %a = Add(%x, 3)
  ///     %c = Clip(%a, 0, 6)
  ///     %p = Mul(%x, %c)
  ///     %y = Div(%p, 6)             // or Mul by 0.16667; the factors in any order
  /// ->
  ///     %y = HardSwish(%x)
  ///
  /// `Mul(%x, HardSigmoid(%x) {alpha = 1/6, beta = 0.5})` is the same.
  ///
  /// Preconditions: nobody else reads the intermediate results; numbers agree to one part in 1,000.
  ///
  /// Source: Howard et al. 2019, arXiv:1905.02244, section 5.2; ONNX HardSwish-14.
  package static let recogniseHardSwish = Pass(
    "recognise-hard-swish", "find HardSwish where it is written out with Clip or HardSigmoid"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let node = rw.node(id), node.op is Mul || node.op is Div,
        let output = node.outputs.first ?? nil
      else { continue }
      let product = Product(output, rw)
      for x in product.factors {
        guard let gate = product.factor(beside: x), rw.haveSameType(x, output),
          rw.hasOneUse(gate), isGate(gate, x, product, rw)
        else { continue }
        try rw.replace(id, with: HardSwish(), inputs: [x])
        break
      }
    }
  }

  private static func isGate(
    _ gate: ValueID, _ x: ValueID, _ product: Product, _ rw: Rewriter
  ) -> Bool {
    if let sigmoid = rw.def(of: gate, as: HardSigmoid.self) {
      return product.hasNumber(1) && sigmoid.input(0) == x
        && (sigmoid.op.alpha * 6 - 1).magnitude < 1e-3 && sigmoid.op.beta == 0.5
    }
    guard product.hasNumber(1.0 / 6), let clip = rw.def(of: gate, as: Clip.self),
      let sum = clip.input(0), rw.summand(of: sum, beside: 3) == x
    else { return false }
    return rw.uniform(clip.input(1)) == 0 && rw.uniform(clip.input(2)) == 6
  }
}
