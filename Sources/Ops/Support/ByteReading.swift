package import IR
import Tensors

/// An operator whose kernels can read bytes where it asks for floats: a Cast of its first input is no pass of its own.
package protocol ByteReading: Op {}

extension AveragePool: ByteReading {}
extension GlobalAveragePool: ByteReading {}
extension ReduceMean: ByteReading {}
extension Resize: ByteReading {}

extension Node {
  /// Whether the only loops of the node that read a value are those of an operator that can read bytes.
  package func canReadBytes(of value: ValueID) -> Bool {
    guard let number = inputs.firstIndex(of: value), inputs.count(where: { $0 == value }) == 1
    else {
      return false
    }
    guard let body = (op as? Fused)?.body else { return number == 0 && op is any ByteReading }
    let inner = body.inputs[number]
    return body.useCount(of: inner) == 1
      && body.nodeIDs.contains { body[$0].op is any ByteReading && body[$0].inputs[0] == inner }
  }

  /// The bytes that a Cast makes floats of; nil for other nodes.
  package func castBytes(in graph: Graph) -> ValueID? {
    guard let cast = op as? Cast, cast.target == .f32, let source = inputs[0],
      let type = graph.tensorType(source)?.element, type == .u8 || type == .i8
    else { return nil }
    return source
  }
}
