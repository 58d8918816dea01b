package import Tensors

/// The element types around an elementwise operator.
package struct ElementwiseTypes: Sendable {
  package let operands: [ElementType?]
  package let result: ElementType

  package init(operands: [ElementType?], result: ElementType) {
    self.operands = operands
    self.result = result
  }
}
