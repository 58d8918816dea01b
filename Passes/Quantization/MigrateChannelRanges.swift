import Diagnostics
import IR
package import PassManager
import Tensors

extension Pass {
  /// Scales the channels of values as a plan says, so that they share a range better; the graph computes the same.
  ///
  ///     %h = Relu(Conv(%x, %w, %b))
  ///     %y = Conv(%h, %v)
  /// ->
  ///     %h = Relu(Conv(%x, %w1, %b1))    // w1 = w / s, b1 = b / s per output channel
  ///     %y = Conv(%h, %v1)               // v1 = v * s per input channel
  ///
  /// The same holds for the factor and summand of a normalization before matrix products. Preconditions: every reader of
  /// the value is a layer with constant weights; what makes it is a layer or a product with constants per channel, then
  /// only functions `f(s x) = s f(x)`, `s > 0`, that nobody else reads in between. Constants that have been scaled are
  /// named so and not scaled again.
  ///
  /// Source: Nagel et al. 2019, arXiv:1906.04721, section 4.1 (equalization through ReLU); Xiao et al. 2023,
  /// arXiv:2211.10438, section 4 (SmoothQuant).
  package static func migrateChannelRanges(_ plan: QuantizationPlan) -> Pass {
    Pass("migrate-channel-ranges", "scale channels so that they share a range") {
      (rw) throws(Diagnostic) in
      for entry in plan.migrations {
        guard let value = rw.graph.value(named: entry.name),
          let found = ChannelMigration(value, in: rw.graph),
          found.channelCount == entry.factors.count
        else { continue }
        let sites = found.sources.map { ($0, true) } + found.readers.map { ($0, false) }
        if sites.contains(where: { rw.isMigrated($0.0, as: entry.name) }) { continue }
        for (site, divides) in sites {
          let factors = entry.factors.map { divides ? 1 / $0 : $0 }
          try rw.scale(site, factors, as: entry.name)
        }
      }
    }
  }
}

extension Rewriter {
  /// What the name of a constant ends in that has taken in the factors of a value.
  private func mark(_ value: String) -> String { "/by/\(value)/" }

  fileprivate func isMigrated(_ site: ChannelMigration.Site, as value: String) -> Bool {
    guard node(site.node) != nil, let constant = graph[site.node].inputs[site.position] else {
      return true
    }
    return graph[constant].name.contains(mark(value))
  }

  fileprivate mutating func scale(
    _ site: ChannelMigration.Site, _ factors: [Float], as value: String
  ) throws(Diagnostic) {
    var inputs = graph[site.node].inputs
    guard let old = inputs[site.position], let tensor = constant(old) else { return }
    let stride = tensor.shape.rowMajorStrides[site.axis]
    var numbers = tensor.array(of: Float.self)
    for index in numbers.indices { numbers[index] *= factors[index / stride % factors.count] }
    inputs[site.position] = makeConstant(
      Tensor(numbers, shape: tensor.shape), name: graph[old].name + mark(value))
    try replace(site.node, with: graph[site.node].op, inputs: inputs)
  }
}
