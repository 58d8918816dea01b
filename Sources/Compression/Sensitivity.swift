import IR
import Passes

/// Measures what quantization does to a model's outputs.
struct Sensitivity {
  let model: SegmentedModel
  let kinds: [ValueID: OutputKind]
  /// The inputs of the samples to measure on, by number.
  let inputs: (Int) throws -> [ValueID: Value]

  /// The damage of each setting, on the first samples.
  ///
  /// Samples are the outer loop: one sample's values are kept at a time, and a setting costs what is computed
  /// downstream of what it changes.
  func damages(
    of settings: [SegmentedModel.Setting], sampleCount: Int, progress: (Int, Int) -> Void
  ) throws -> [Double] {
    var measures = Array(repeating: OutputMeasure(kinds), count: settings.count)
    for sample in 0..<sampleCount {
      let baseline = try model.run(inputs(sample))
      for (index, setting) in settings.enumerated() {
        measures[index].add(try model.changes(setting, from: baseline), expected: baseline)
        progress(sample * settings.count + index + 1, sampleCount * settings.count)
      }
    }
    return measures.map(\.damage)
  }
}
