import IR
import LLVMBackend
import Tensors

extension Model {
  /// 64 hexadecimal digits that depend on the graph as it is now: operators, attributes, names, types and weights, but
  /// not on how the file spells them.
  public var digest: String { graph.digest }
}

extension Graph {
  /// The digest of a model of this graph.
  var digest: String {
    let text = Printer.print(
      self,
      constants: .external { tensor in ContentHash([tensor.withBytes { Array($0) }]).text })
    return ContentHash([Array(text.utf8)]).text
  }
}
