package import Diagnostics
import Glibc
package import IR
import Tensors

/// The triangles as comparisons of rows with the places of their corners, in f64.
///
///     %place = Floor((dft_length + 1) * hertz(%bin) / sample_rate)     // %bin : f64[num_mel_bins + 2]
///     %output = Where(%row falls, %down, Where(%row rises, %up, %row is the only one))
extension MelWeightMatrix: Composed {
  package func composition(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    var graph = Composer(context)
    var numbers: [ValueID] = []
    for index in 0..<5 {
      let scalar = try graph.add(Reshape(), try graph.input(index), graph.integers([]))
      numbers.append(try graph.add(Cast(to: index < 3 ? .i64 : .f64), scalar))
    }
    let two = graph.constant(Tensor(scalar: Int64(2)))
    let one = graph.constant(Tensor(scalar: Int64(1)))
    let rowCount = try graph.add(Add(), graph.add(Div(), numbers[1], two), one)
    let binCount = try graph.add(Add(), numbers[0], two)
    let places = try places(rowCount: rowCount, binCount: binCount, numbers, &graph)
    let rows = try graph.add(
      Unsqueeze(), graph.add(Cast(to: .f64), graph.counting(to: rowCount)), graph.integers([1]))
    let low = try corner(places, 0, &graph)
    let center = try corner(places, 1, &graph)
    let high = try corner(places, 2, &graph)
    let falls = try graph.add(
      And(), graph.add(GreaterOrEqual(), rows, center), graph.add(Less(), rows, high))
    let down = try graph.add(
      Div(), graph.add(Sub(), high, rows), graph.add(Sub(), high, center))
    let rises = try graph.add(
      And(),
      graph.add(
        And(), graph.add(GreaterOrEqual(), rows, low), graph.add(LessOrEqual(), rows, center)),
      graph.add(Less(), low, center))
    let up = try graph.add(Div(), graph.add(Sub(), rows, low), graph.add(Sub(), center, low))
    let isAlone = try graph.add(
      And(), graph.add(Equal(), rows, center), graph.add(Equal(), low, center))
    let rest = try graph.add(Where(), rises, up, graph.add(Cast(to: .f64), isAlone))
    let weights = try graph.add(Where(), falls, down, rest)
    let output = try graph.add(Cast(to: element), weights)
    return graph.finish([output])
  }

  /// The row of each bin's corner, `f64[num_mel_bins + 2]`.
  private func places(
    rowCount: ValueID, binCount: ValueID, _ numbers: [ValueID], _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    func mel(_ hertz: ValueID, _ graph: inout Composer) throws(Diagnostic) -> ValueID {
      let ratio = try graph.add(Div(), hertz, graph.scalar(700, .f64))
      let logarithm = try graph.add(Log(), graph.add(Add(), ratio, graph.scalar(1, .f64)))
      return try graph.add(Mul(), logarithm, graph.scalar(2595 / log(10), .f64))
    }
    let low = try mel(numbers[3], &graph)
    let span = try graph.add(Sub(), mel(numbers[4], &graph), low)
    let step = try graph.add(Div(), span, graph.add(Cast(to: .f64), binCount))
    let bins = try graph.add(Cast(to: .f64), graph.counting(to: binCount))
    let mels = try graph.add(Add(), graph.add(Mul(), bins, step), low)
    let powers = try graph.add(
      Exp(), graph.add(Mul(), mels, graph.scalar(log(10) / 2595, .f64)))
    let hertz = try graph.add(
      Mul(), graph.add(Sub(), powers, graph.scalar(1, .f64)), graph.scalar(700, .f64))
    let length = try graph.add(
      Add(), graph.add(Cast(to: .f64), numbers[1]), graph.scalar(1, .f64))
    let rate = try graph.add(Cast(to: .f64), numbers[2])
    let found = try graph.add(
      Floor(), graph.add(Div(), graph.add(Mul(), hertz, length), rate))
    return try graph.add(
      Clip(), found, graph.scalar(0, .f64), graph.add(Cast(to: .f64), rowCount))
  }

  /// The corner of every bin: the places but the first `start` and the last `2 - start`.
  private func corner(
    _ places: ValueID, _ start: Int, _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    let end = start == 2 ? Int(Int32.max) : start - 2
    return try graph.add(
      Slice(), places, graph.integers([start]), graph.integers([end]), graph.integers([0]))
  }
}
