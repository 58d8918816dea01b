package import Diagnostics
package import IR
import Tensors

extension Graph {
  /// Gives outputs that are maps of scores as the tensors that ZipMap makes them of, under the same names.
  ///
  ///     %p = ai.onnx.ml.ZipMap(%scores)      // seq(map(i64, f32[]))
  ///     return %p
  /// ->
  ///     %p = ...                             // what %scores was, f32[N, C]
  ///     return %p
  ///
  /// - Returns: a warning `model.zip-map` for each such output.
  package mutating func exposeZippedScores() -> [Diagnostic] {
    var found: [Diagnostic] = []
    for output in outputs {
      guard let id = producer(of: output), self[id].op is ZipMap,
        let scores = self[id].inputs.first ?? nil
      else { continue }
      let name = self[output].name
      // An Identity, because the scores may have a reader or a name of their own.
      let copy = addNode(
        freshNodeName("\(self[id].name)/scores"), Identity(), inputs: [scores],
        outputs: [("\(name)/scores", self[scores].type)], before: id)
      guard let given = self[copy].outputs.first ?? nil else { continue }
      setOutputs(outputs.map { $0 == output ? given : $0 })
      rename(output, to: "\(name)/maps")
      rename(given, to: name)
      found.append(
        Diagnostic(
          "model.zip-map",
          "'\(name)' is given as \(self[given].type), a column for each label, and not as maps",
          severity: .warning, at: location(of: id)))
      if useCount(of: output) == 0 { erase(id) }
    }
    return found
  }
}
