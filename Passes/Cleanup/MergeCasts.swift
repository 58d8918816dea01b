import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Lets a Cast of a widening Cast read the narrow value.
  ///
  ///     %a = Cast(%x) {to = 1}      // %x: f16
  ///     %b = Cast(%a) {to = 11}
  /// ->
  ///     %b = Cast(%x) {to = 11}
  ///
  /// Precondition: the first Cast loses nothing: integers or booleans to integers that hold them all or to floats that
  /// represent them exactly, floats to wider floats. A Cast back to the type of %x becomes an identity.
  package static let mergeCasts = Pass(
    "merge-casts", "let a Cast of a widening Cast read the narrow value"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let outer = rw.match(id, as: Cast.self),
        let inner = rw.def(of: outer.input(0), as: Cast.self), let source = inner.input(0),
        let narrow = rw.type(source)?.element, isExact(narrow, inner.op.target)
      else { continue }
      if narrow == outer.op.target {
        try rw.replace(id, with: Identity(), inputs: [source])
      } else {
        try rw.replace(id, with: outer.op, inputs: [source])
      }
    }
  }

  /// Whether every value of `a` is a value of `b`.
  private static func isExact(_ a: ElementType, _ b: ElementType) -> Bool {
    if a == b { return true }
    let significand: [ElementType: Int] = [.f16: 11, .bf16: 8, .f32: 24, .f64: 53]
    if let p = significand[a] {
      // bf16 has the exponents of f32, f16 fewer than either.
      guard let q = significand[b] else { return false }
      return p < q && !(a == .bf16 && b == .f16)
    }
    let bits = a == .bool ? 1 : a.bitWidth
    guard a == .bool || a.isInteger else { return false }
    // f16 holds no integers beyond 65,504.
    if let q = significand[b] { return bits <= q && !(b == .f16 && bits > 11) }
    guard b.isInteger else { return false }
    if a.isSignedInteger { return b.isSignedInteger && b.bitWidth >= bits }
    return b.bitWidth - (b.isSignedInteger ? 1 : 0) >= bits
  }
}
