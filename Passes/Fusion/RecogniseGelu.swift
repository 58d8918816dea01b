import Diagnostics
import IR
import Ops
package import PassManager

extension Pass {
  /// Finds the Gaussian error linear unit where an exporter has written it out.
  ///
  ///     %a = Div(%x, 1.41421)       // or Mul(%x, 0.70711)
  ///     %e = Erf(%a)
  ///     %s = Add(%e, 1)
  ///     %p = Mul(%x, %s)
  ///     %y = Mul(%p, 0.5)           // the factors in any order
  /// ->
  ///     %y = Gelu(%x)
  ///
  /// The same with `Tanh(0.79788 * (%x + 0.044715 * %x^3))` for Erf becomes `Gelu {approximate = "tanh"}`.
  ///
  /// Preconditions: nobody else reads the intermediate results; numbers agree to one part in 1,000.
  ///
  /// Source: Hendrycks and Gimpel 2016, arXiv:1606.08415; ONNX Gelu-20.
  package static let recogniseGelu = Pass(
    "recognise-gelu", "find Gelu where it is written out with Erf or Tanh"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let node = rw.node(id), node.op is Mul || node.op is Div,
        let output = node.outputs.first ?? nil
      else { continue }
      let product = Product(output, rw)
      for x in product.factors {
        guard let gate = product.factor(beside: x), rw.haveSameType(x, output),
          let usesTanh = kind(of: gate, x, product, rw)
        else { continue }
        try rw.replace(id, with: Gelu(usesTanh: usesTanh), inputs: [x])
        break
      }
    }
  }

  /// Whether `product` is a Gelu by the gate `1 + erf(...)` (false) or `1 + tanh(...)` (true); nil for neither.
  private static func kind(
    of gate: ValueID, _ x: ValueID, _ product: Product, _ rw: Rewriter
  ) -> Bool? {
    var inner: ValueID?
    if product.hasNumber(0.5) {
      inner = rw.summand(of: gate, beside: 1)
    } else if product.hasNumber(1), let half = rw.summand(of: gate, beside: 0.5) {
      let halved = Product(half, rw)
      if rw.hasOneUse(half), halved.hasNumber(0.5), halved.factors.count == 1 {
        inner = halved.factors[0]
      }
    }
    guard let inner, rw.hasOneUse(inner) else { return nil }
    if let erf = rw.def(of: inner, as: Erf.self), let argument = erf.input(0) {
      let scaled = Product(argument, rw)
      return rw.hasOneUse(argument) && scaled.hasNumber(0.5.squareRoot()) && scaled.factors == [x]
        ? false : nil
    }
    if let tanh = rw.def(of: inner, as: Tanh.self), let argument = tanh.input(0),
      rw.hasOneUse(argument)
    {
      return isCubic(argument, x, rw) ? true : nil
    }
    return nil
  }

  /// Whether a value is `sqrt(2 / pi) * (x + 0.044715 * x^3)`, as it stands or with `x` in front.
  private static func isCubic(_ value: ValueID, _ x: ValueID, _ rw: Rewriter) -> Bool {
    let product = Product(value, rw)
    guard product.hasNumber((2 / Double.pi).squareRoot()) else { return false }
    if product.factors.count == 1, let (a, b) = rw.summands(of: product.factors[0]) {
      guard let cubic = a == x ? b : (b == x ? a : nil) else { return false }
      let cube = Product(cubic, rw)
      return cube.hasNumber(0.044715) && cube.factors == [x, x, x]
    }
    guard let sum = product.factor(beside: x), let square = rw.summand(of: sum, beside: 1) else {
      return false
    }
    let squared = Product(square, rw)
    return squared.hasNumber(0.044715) && squared.factors == [x, x]
  }
}
