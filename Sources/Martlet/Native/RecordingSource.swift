import Diagnostics
import Foundation
import Tensors

/// A recording as a C file and the bytes that it refers to.
struct RecordingSource {
  let recording: Recording
  /// What the artefact's symbols begin with.
  let prefix: String

  private var dataSymbol: String { prefix + "_selftest_data" }

  /// The kept elements of all outputs, each aligned to 64 bytes.
  private var layout: [(offset: Int, output: Recording.Output)] {
    var offset = 0
    return recording.outputs.map { output in
      defer { offset += (output.elements.byteCount + 63) / 64 * 64 }
      return (offset, output)
    }
  }

  /// The bytes of these elements.
  var data: Data {
    var data = Data()
    for (offset, output) in layout {
      data.append(Data(count: offset - data.count))
      output.elements.withBytes { data.append(contentsOf: $0) }
    }
    return data
  }

  /// Assembly that puts the bytes of `file` into a section of their own.
  func assembly(file: String) -> String {
    """
    .section .martlet.selftest,"a",%progbits
    .balign 64
    .globl \(dataSymbol)
    .hidden \(dataSymbol)
    .type \(dataSymbol),%object
    \(dataSymbol):
    .incbin "\(file)"
    .byte 0
    .size \(dataSymbol), .-\(dataSymbol)
    .section .note.GNU-stack,"",%progbits

    """
  }

  /// C that defines the recording the run-time looks for.
  var source: String {
    let inputs = recording.inputs.enumerated().map { number, input in
      let shape = "shape_in_\(number)"
      return (
        shape: definition(of: shape, input.shape),
        tensor: "  {NULL, \(shape), \(input.shape.count), \(input.type.rawValue)},"
      )
    }
    let outputs = layout.enumerated().map { number, entry in
      let (shape, output) = ("shape_out_\(number)", entry.output)
      return (
        shape: definition(of: shape, output.shape),
        tensor: "  {(void *)(\(dataSymbol) + \(entry.offset)), \(shape), \(output.shape.count), "
          + "\(output.type.rawValue)},"
      )
    }
    let tolerances = recording.outputs.map { "  {\($0.relative), \($0.absolute)}," }
    let samples = recording.outputs.map { output in
      guard let sample = output.sample else { return "  {0}," }
      let sums = sample.sums
      return "  {\(sample.count), \(sample.seed)u, \(sums.finiteCount), \(sums.sum), "
        + "\(sums.magnitudeSum), \(sums.largestMagnitude)},"
    }
    return """
      #include "martlet_runtime.h"

      #include <stddef.h>

      extern const char \(dataSymbol)[] __attribute__((visibility("hidden")));
      \((inputs + outputs).map(\.shape).joined(separator: "\n"))
      static const martlet_tensor inputs[] = {
      \((inputs.isEmpty ? ["  {0},"] : inputs.map(\.tensor)).joined(separator: "\n"))
      };
      static const martlet_tensor outputs[] = {
      \(outputs.map(\.tensor).joined(separator: "\n"))
      };
      static const martlet_tolerance tolerances[] = {
      \(tolerances.joined(separator: "\n"))
      };
      static const martlet_sample samples[] = {
      \(samples.joined(separator: "\n"))
      };
      __attribute__((visibility("hidden"))) const martlet_recording \(prefix)_selftest_vector = {
          inputs, outputs, tolerances, samples, \(recording.seed)u};

      """
  }

  private func definition(of name: String, _ shape: [Int]) -> String {
    let dimensions = shape.map { "\($0), " }.joined()
    return "static const int64_t \(name)[] = {\(dimensions)0};"
  }
}
