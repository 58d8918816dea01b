import Diagnostics
import IR
import Loops
import Tensors

extension GraphLowering {
  /// Memory for an integer value whose elements are known as expressions of the program's symbols.
  func store(_ elements: [IndexExpr], to value: ValueID) throws(Diagnostic) {
    let placed = try allocate(value, block: nil, label: graph[value].name)
    let flat = placed.reshaped(to: [IndexExpr(elements.count)])
    let builder = self.builder()
    let view = builder.view(flat, isWritten: true)
    let body = elements.enumerated().map { index, element in
      view.store(
        .convert(.index(element), placed.element, .plain), at: [IndexExpr(index)])
    }
    program.launch(graph[value].name, family: "shape", builder, body: body)
  }
}
