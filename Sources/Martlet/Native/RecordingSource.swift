import Diagnostics
import Foundation
import Tensors

/// A recording as a C file and the bytes that it refers to.
struct RecordingSource {
  let recording: Recording
  /// What the artefact's symbols begin with.
  let prefix: String

  private var dataSymbol: String { prefix + "_selftest_data" }

  /// All tensors, inputs first, each aligned to 64 bytes.
  private var layout: [(offset: Int, tensor: Tensor)] {
    var offset = 0
    return (recording.inputs + recording.outputs.map(\.tensor)).map { tensor in
      defer { offset += (tensor.byteCount + 63) / 64 * 64 }
      return (offset, tensor)
    }
  }

  /// The bytes of all tensors.
  var data: Data {
    var data = Data()
    for (offset, tensor) in layout {
      data.append(Data(count: offset - data.count))
      tensor.withBytes { data.append(contentsOf: $0) }
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
    let entries = layout
    let shapes = entries.enumerated().map { number, entry in
      let dimensions = entry.tensor.shape.map { "\($0), " }.joined()
      return "static const int64_t shape_\(number)[] = {\(dimensions)0};"
    }
    let tensors = entries.enumerated().map { number, entry in
      "  {(void *)(\(dataSymbol) + \(entry.offset)), shape_\(number), \(entry.tensor.rank), "
        + "\(entry.tensor.type.rawValue)},"
    }
    let inputs = tensors.prefix(recording.inputs.count)
    let outputs = tensors.dropFirst(recording.inputs.count)
    let tolerances = recording.outputs.map { "  {\($0.relative), \($0.absolute)}," }
    return """
      #include "martlet_runtime.h"

      extern const char \(dataSymbol)[] __attribute__((visibility("hidden")));
      \(shapes.joined(separator: "\n"))
      static const martlet_tensor inputs[] = {
      \((inputs.isEmpty ? ["  {0},"] : inputs).joined(separator: "\n"))
      };
      static const martlet_tensor outputs[] = {
      \(outputs.joined(separator: "\n"))
      };
      static const martlet_tolerance tolerances[] = {
      \(tolerances.joined(separator: "\n"))
      };
      __attribute__((visibility("hidden"))) const martlet_recording \(prefix)_selftest_vector = {
          inputs, outputs, tolerances};

      """
  }
}
