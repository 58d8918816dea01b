import Diagnostics
import IR
import Loops
import Tensors

extension GraphLowering {
  /// The value's place in the memory of a concatenation, nil where it has none.
  func part(for value: ValueID) throws(Diagnostic) -> Placed? {
    let root = parts.homes[value]?.root ?? value
    guard let members = parts.members[root], let type = graph.tensorType(root),
      let shape = type.shape, let channels = graph.tensorType(value)?.shape?[1]
    else { return nil }
    if roots[root] == nil {
      let halos = ([root] + members).reduce([]) {
        Self.union($0, demandedHalos(of: $1, rank: shape.count))
      }
      let name = graph[root].name
      let fill = ([root] + members).lazy.map { self.haloFill(of: $0) }.first { $0 != 0 } ?? 0
      let layout = usual(Layout(block: block, halos: halos, fill: fill), of: root)
      let placed = program.allocate(name, type.element, shape, layout)
      roots[root] = placed
      try clearHalo(of: placed, label: name)
    }
    guard let whole = roots[root], let home = parts.homes[value] else { return roots[root] }
    return program.part(
      graph[value].name, of: whole, firstChannel: home.firstChannel, channels: channels)
  }

  /// Makes a value a view of channels of a tensor in working memory, from one that begins a block.
  ///
  /// - Returns: whether the tensor lies in working memory and has the halo that the value's consumers want.
  func makeChannelView(
    _ value: ValueID, of whole: Placed, firstChannel: Int, channels: IndexExpr
  ) -> Bool {
    let (memory, _) = program.origin(of: whole.memory)
    let halos = demandedHalos(of: value, rank: whole.shape.count)
    guard whole.layout.chosen == nil, case .arena = program.program.buffers[memory].kind,
      Self.serves(whole.layout, Layout(block: whole.layout.block, halos: halos))
    else { return false }
    places[value, default: []].append(
      program.part(
        graph[value].name, of: whole, firstChannel: firstChannel, channels: channels))
    return true
  }
}
