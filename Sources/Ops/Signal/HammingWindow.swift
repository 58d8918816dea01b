package import IR
package import Tensors

/// Hamming's window: `25/46 - 21/46 * cos(2 pi n / N)`.
///
/// - Input and output: see `CosineWindow`.
/// - Errors: `attribute.value`; `shape.window-size` at run time.
/// - Source: ONNX HammingWindow-17.
package struct HammingWindow: CosineWindow {
  package static let schema = makeSchema("HammingWindow")
  package static let coefficients = [25.0 / 46, 21.0 / 46]

  package var element: ElementType
  package var isPeriodic: Bool

  package init(element: ElementType = .f32, isPeriodic: Bool = true) {
    self.element = element
    self.isPeriodic = isPeriodic
  }
}
