package import IR
package import Tensors

/// Blackman's window: `0.42 - 0.5 * cos(2 pi n / N) + 0.08 * cos(4 pi n / N)`.
///
/// - Input and output: see `CosineWindow`.
/// - Errors: `attribute.value`; `shape.window-size` at run time.
/// - Source: ONNX BlackmanWindow-17.
package struct BlackmanWindow: CosineWindow {
  package static let schema = makeSchema("BlackmanWindow")
  package static let coefficients = [0.42, 0.5, 0.08]

  package var element: ElementType
  package var isPeriodic: Bool

  package init(element: ElementType = .f32, isPeriodic: Bool = true) {
    self.element = element
    self.isPeriodic = isPeriodic
  }
}
