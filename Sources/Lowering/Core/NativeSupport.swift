package import IR
import Ops

/// Which operators have native code, for the generated table.
package enum NativeSupport {
  /// Whether an operator can be lowered in some form; types and attributes may still be refused.
  package static func covers(_ type: any Op.Type) -> Bool {
    switch type {
    case is any ElementwiseLowerable.Type, is any ReinterpretLowerable.Type, is any Lowerable.Type,
      is any Composed.Type:
      true
    // Strings are scalars where code is made in this process.
    case is any TextComposed.Type: true
    // Sequences and optionals of known lengths disappear.
    case let type where type.disappears: true
    // A region is lowered by its body, shapes are known as expressions, older names are imported as newer ones.
    case is Fused.Type, is Shape.Type, is Size.Type, is Scatter.Type, is Upsample.Type: true
    default: false
    }
  }
}
