import Diagnostics
import Foundation
public import IR
import Ops
import Tensors

/// The textual form of graphs, in files.
public enum GraphText {
  /// Reads the textual IR, or the graph of a model where the file's name ends in `.onnx`.
  ///
  /// Constants that the text keeps in other files are read from the text's own folder.
  ///
  /// - Throws: a `Diagnostic`, or a `DiagnosticList` for models.
  public static func read(_ path: String) throws -> Graph {
    if path.hasSuffix(".onnx") { return try Model(contentsOf: path).graph }
    let text = String(decoding: try readFile(path), as: UTF8.self)
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { String(path[...$0]) } ?? ""
    return try Parser.parse(text, operators: OpCatalog.standard, file: path) {
      (reference, type) throws(Diagnostic) in
      try data(of: reference, type, folder: folder)
    }.graph
  }

  /// The text of a graph, constants of more than 64 elements shortened unless `complete`.
  public static func text(of graph: Graph, complete: Bool = false) -> String {
    Printer.print(graph, constants: complete ? .complete : .listing)
  }

  private static func data(
    of reference: ConstantReference, _ type: TensorType, folder: String
  ) throws(Diagnostic) -> Tensor {
    guard case .file(let name, let offset) = reference, !name.contains("/"),
      let shape = type.staticShape, let count = shape.checkedElementCount
    else { return try Parser.noData(reference, type) }
    let bytes = try readFile(folder + name)
    let byteCount = type.element.byteCount(of: count)
    guard offset >= 0, offset <= bytes.count, bytes.count - offset >= byteCount else {
      throw Diagnostic(
        "text.data-range",
        "found \(bytes.count) bytes, expected \(byteCount) from \(offset) on",
        at: .file(folder + name))
    }
    return Tensor(type: type.element, shape: shape) {
      bytes.copyBytes(
        to: $0, from: (bytes.startIndex + offset)..<(bytes.startIndex + offset + byteCount))
    }
  }
}
