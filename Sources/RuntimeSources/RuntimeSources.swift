import CRuntime

/// The C sources that travel with an artefact, as they were when this program was built.
///
/// Written into one folder they compile with `cc -O2 -c -DMARTLET_PREFIX=<prefix> artefact.c`; an executable also
/// needs `main.c`, compiled with the same prefix.
package enum RuntimeSources {
  /// Every file, sorted by name.
  package static var files: [(name: String, contents: [UInt8])] {
    (0..<martlet_source_count()).map { index in
      let source = unsafe martlet_source_at(index)
      let bytes = unsafe UnsafeBufferPointer(start: source.bytes, count: source.byte_count)
      return unsafe (String(cString: source.name), Array(bytes))
    }
  }

  /// The header of one model's artefact: `martlet.h` with the functions named after the model.
  ///
  /// - Parameters:
  ///   - prefix: a C identifier that replaces `martlet` in the names of functions.
  ///   - description: C text, such as a comment on inputs and outputs and constants, put before the functions.
  package static func header(prefix: String, description: String = "") -> String {
    let template = files.first { $0.name == "martlet.h" }.map {
      String(decoding: $0.contents, as: UTF8.self)
    }
    let guardName = prefix.uppercased() + "_FUNCTIONS_H"
    var lines: [String] = []
    var isInPrefixPart = false
    var isBeforeFunctions = true
    for line in (template ?? "").split(separator: "\n", omittingEmptySubsequences: false) {
      switch line {
      case "/* begin prefix */":
        isInPrefixPart = true
        if isBeforeFunctions {
          lines += ["#ifndef \(guardName)", "#define \(guardName)", ""]
          if !description.isEmpty { lines += [description] }
        } else {
          lines += ["#endif"]
        }
        isBeforeFunctions = false
      case "/* end prefix */":
        isInPrefixPart = false
      default:
        if !isInPrefixPart { lines.append(renamed(line, prefix: prefix)) }
      }
    }
    return lines.joined(separator: "\n")
  }

  /// Replaces the first `MARTLET_NAME(x)` of a line by `<prefix>_x`.
  private static func renamed(_ line: Substring, prefix: String) -> String {
    let marker = "MARTLET_NAME("
    guard let start = line.firstRange(of: marker),
      let end = line[start.upperBound...].firstIndex(of: ")")
    else { return String(line) }
    let name = line[start.upperBound..<end]
    return line[..<start.lowerBound] + "\(prefix)_\(name)" + line[line.index(after: end)...]
  }
}
