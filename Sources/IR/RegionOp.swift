public import Diagnostics
public import Tensors

/// An operator with graphs among its attributes that it runs: control flow (docs/decisions/0016-control-flow.md).
///
/// Such a graph, a region, sees nothing from outside but its own inputs. The values around it that it reads are the
/// last `captureCount` inputs of the node and of each of its regions, in the same order.
public protocol RegionOp: Retyped {
  var captureCount: Int { get }

  /// The types of a region's own inputs, as far as they follow from the types of the node's own inputs.
  ///
  /// - Parameters:
  ///   - name: the attribute that holds the region.
  ///   - node: the node as the file gives it; its graphs have not been read.
  static func argumentTypes(of name: String, node: ImportedNode, types: [ValueType?])
    -> [ValueType?]

  /// Which of a region's outputs become inputs of its next run.
  ///
  /// - Parameter inputCount: the number of the node's own inputs.
  static func feedback(of name: String, node: ImportedNode, inputCount: Int)
    -> [(output: Int, input: Int)]

  /// The attribute whose region runs, once and without own inputs, when inputs with these values choose it; nil when
  /// they do not.
  static func chosenRegion(_ constants: [Tensor?]) -> String?

  /// How many inputs come before the captured ones.
  static func ownInputCount(_ node: ImportedNode) -> Int
}

extension RegionOp {
  /// The attribute that counts captured values.
  public static var captureAttribute: String { "captures" }

  public static func feedback(of name: String, node: ImportedNode, inputCount: Int)
    -> [(output: Int, input: Int)]
  { [] }

  public static func chosenRegion(_ constants: [Tensor?]) -> String? { nil }
  public static func ownInputCount(_ node: ImportedNode) -> Int { node.inputs.count }

  /// Checks that the inputs of a region are those that the node gives it.
  ///
  /// - Parameter own: the types of its own inputs; nil for those that may be anything.
  /// - Throws: `region.inputs`, `region.input-type`.
  public func check(
    _ region: Graph, _ name: String, own: [ValueType?], _ context: InferenceContext
  ) throws(Diagnostic) {
    let captured = context.types.suffix(captureCount)
    guard region.inputs.count == own.count + captureCount, context.types.count >= captureCount
    else {
      throw Diagnostic(
        "region.inputs",
        "graph '\(name)' has \(region.inputs.count) inputs, expected \(own.count) and \(captureCount) captured ones"
      )
    }
    for (number, (input, given)) in zip(region.inputs, own + captured).enumerated() {
      guard let given, !region[input].type.accepts(given) else { continue }
      throw Diagnostic(
        "region.input-type",
        "input \(number) of graph '\(name)' is \(region[input].type), but is given \(given)")
    }
  }

  /// - Throws: `region.outputs` when a region has another number of outputs.
  public func check(_ region: Graph, _ name: String, outputs: Int) throws(Diagnostic) {
    guard region.outputs.count != outputs else { return }
    throw Diagnostic(
      "region.outputs",
      "graph '\(name)' has \(region.outputs.count) outputs, expected \(outputs)")
  }
}
