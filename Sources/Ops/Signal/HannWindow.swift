package import IR
package import Tensors

/// Hann's window: `0.5 - 0.5 * cos(2 pi n / N)`.
///
/// - Input and output: see `CosineWindow`.
/// - Errors: `attribute.value`; `shape.window-size` at run time.
/// - Source: ONNX HannWindow-17.
package struct HannWindow: CosineWindow {
  package static let schema = makeSchema("HannWindow")
  package static let coefficients = [0.5, 0.5]

  package var element: ElementType
  package var isPeriodic: Bool

  package init(element: ElementType = .f32, isPeriodic: Bool = true) {
    self.element = element
    self.isPeriodic = isPeriodic
  }
}
