package import Loops
package import Ops
import Tensors

extension Celu: FormulaLowerable {
  package func formula(_ x: Expr) -> Expr {
    let tail = x.divided(by: x.number(alpha)).atMost(0).apply(.exp).minus(1).times(alpha)
    return .select(x.isLess(than: 0), tail, x)
  }
}

extension Elu: FormulaLowerable {
  package func formula(_ x: Expr) -> Expr {
    .select(x.isLess(than: 0), x.atMost(0).apply(.exp).minus(1).times(alpha), x)
  }
}

extension Gelu: FormulaLowerable {
  package func formula(_ x: Expr) -> Expr {
    let root = Double(2).squareRoot()
    if usesTanh {
      let slope = (2 / Double.pi).squareRoot()
      let cubic = Expr.fma(x.times(x).times(x), x.number(0.044715), x).times(slope)
      return x.times(0.5).times(cubic.apply(.tanh).plus(1))
    }
    let half = x.times(0.5)
    return .fma(half, x.times(1 / root).apply(.erf), half)
  }
}

extension HardSigmoid: FormulaLowerable {
  package func formula(_ x: Expr) -> Expr {
    Expr.fma(x, x.number(alpha), x.number(beta)).atLeast(0).atMost(1)
  }
}

extension HardSwish: FormulaLowerable {
  package func formula(_ x: Expr) -> Expr {
    x.times(Expr.fma(x, x.number(1.0 / 6), x.number(0.5)).atLeast(0).atMost(1))
  }
}

extension LeakyRelu: FormulaLowerable {
  package func formula(_ x: Expr) -> Expr { .select(x.isLess(than: 0), x.times(alpha), x) }
}

extension Mish: FormulaLowerable {
  package func formula(_ x: Expr) -> Expr { x.times(softplus(x).apply(.tanh)) }
}

extension Reciprocal: FormulaLowerable {
  package func formula(_ x: Expr) -> Expr { x.number(1).divided(by: x) }
}

extension Relu: FormulaLowerable {
  package func formula(_ x: Expr) -> Expr { x.atLeast(0) }
}

extension Selu: FormulaLowerable {
  package func formula(_ x: Expr) -> Expr {
    let tail = x.atMost(0).apply(.exp).minus(1).times(alpha)
    return Expr.select(x.isGreater(than: 0), x, tail).times(gamma)
  }
}

extension Shrink: FormulaLowerable {
  package func formula(_ x: Expr) -> Expr {
    // The bias of integers is a real number too.
    if x.type.isInteger { return formula(x.converted(to: .f64)).converted(to: x.type) }
    return .select(
      x.isLess(than: -lambd), x.plus(bias),
      .select(x.isGreater(than: lambd), x.minus(bias), x.number(0)))
  }
}

extension Sign: FormulaLowerable {
  package func formula(_ x: Expr) -> Expr {
    let negative =
      x.type.isUnsignedInteger ? x : .select(x.isLess(than: 0), x.number(-1), x)
    return .select(x.isGreater(than: 0), x.number(1), negative)
  }
}

extension Softplus: FormulaLowerable {
  package func formula(_ x: Expr) -> Expr { softplus(x) }
}

extension Softsign: FormulaLowerable {
  package func formula(_ x: Expr) -> Expr { x.divided(by: x.apply(.abs).plus(1)) }
}

extension Swish: FormulaLowerable {
  package func formula(_ x: Expr) -> Expr {
    x.times((alpha == 1 ? x : x.times(alpha)).apply(.sigmoid))
  }
}

extension ThresholdedRelu: FormulaLowerable {
  package func formula(_ x: Expr) -> Expr { .select(x.isGreater(than: alpha), x, x.number(0)) }
}

/// `ln(1 + e^x)` as `max(x, 0) + ln(1 + e^-|x|)`, which does not overflow.
private func softplus(_ x: Expr) -> Expr {
  x.atLeast(0).plus(x.apply(.abs).apply(.neg).apply(.exp).plus(1).apply(.log))
}
