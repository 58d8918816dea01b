package import IR

/// An operator that computes every output element from its operands' elements at the same place, after broadcasting
/// all operands to the output's shape: what fuses into the loops of its neighbours.
package protocol Elementwise: Op {}

extension And: Elementwise {}
extension Cast: Elementwise {}
extension Clip: Elementwise {}
extension Identity: Elementwise {}
extension IsInf: Elementwise {}
extension IsNaN: Elementwise {}
extension Not: Elementwise {}
extension Or: Elementwise {}
extension Pow: Elementwise {}
extension Where: Elementwise {}
extension Xor: Elementwise {}
