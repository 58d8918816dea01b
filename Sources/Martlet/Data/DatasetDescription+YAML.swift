import Diagnostics
import Foundation
import Images
import Yams

extension DatasetDescription {
  /// Reads a `dataset.yaml`.
  ///
  /// - Throws: `file.read`; `dataset.yaml` for text that is not YAML and for values of another form than expected,
  ///   `dataset.unknown-key`, both with the line; `image.preprocessing` for numbers that no image can be processed with.
  init(contentsOf path: String) throws(Diagnostic) {
    let text = String(decoding: try readFile(path), as: UTF8.self)
    self.init()
    let root: Node?
    do {
      root = try compose(yaml: text)
    } catch {
      let reason = "\(error)".split(separator: "\n").joined(separator: " ")
      throw Diagnostic("dataset.yaml", "found no YAML: \(reason)", at: .file(path))
    }
    guard let root, root.null == nil else { return }
    for (key, value) in try Entry(node: root, name: "the file", path: path).entries() {
      switch key {
      case "inputs":
        for (name, input) in try value.entries() { inputs[name] = try input.preprocessing() }
      case "metric": metric = try value.choice(Metric.self)
      default: throw value.unknown(expected: ["inputs", "metric"])
      }
    }
  }
}

/// A value of the file with the key that it stands behind.
private struct Entry {
  let node: Node
  let name: String
  let path: String

  private var location: Location {
    node.mark.map { .line(file: path, line: $0.line) } ?? .file(path)
  }

  func unknown(expected: [String]) -> Diagnostic {
    Diagnostic(
      "dataset.unknown-key",
      "the key '\(name)' is unknown, expected one of \(expected.joined(separator: ", "))",
      at: location)
  }

  private func refuse(_ expected: String) -> Diagnostic {
    let found = node.scalar.map { "'\($0.string)'" } ?? (node.sequence == nil ? "keys" : "a list")
    return Diagnostic(
      "dataset.yaml", "'\(name)' is \(found), expected \(expected)", at: location)
  }

  func entries() throws(Diagnostic) -> [(key: String, value: Entry)] {
    guard let mapping = node.mapping else { throw refuse("keys with values") }
    var result: [(key: String, value: Entry)] = []
    for (key, value) in mapping {
      guard let text = key.scalar?.string else { throw refuse("keys that are words") }
      result.append((text, Entry(node: value, name: text, path: path)))
    }
    return result
  }

  func choice<C: RawRepresentable & CaseIterable>(
    _: C.Type
  ) throws(Diagnostic) -> C where C.RawValue == String {
    guard let choice = node.scalar.flatMap({ C(rawValue: $0.string) }) else {
      throw refuse("one of \(C.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return choice
  }

  private func number() throws(Diagnostic) -> Double {
    guard let number = node.float else { throw refuse("a number") }
    return number
  }

  private func numbers() throws(Diagnostic) -> [Double] {
    let list = node.sequence.map { $0.map(\.float) } ?? [node.float]
    guard !list.isEmpty, let numbers = list as? [Double] else {
      throw refuse("a number or a list of numbers")
    }
    return numbers
  }

  /// One number for both sides, or height and width.
  private func sides() throws(Diagnostic) -> [Int] {
    let list = node.sequence.map { $0.map(\.int) } ?? [node.int]
    guard let sides = list as? [Int], (1...2).contains(sides.count) else {
      throw refuse("a number of pixels, or height and width")
    }
    return sides
  }

  private func resize() throws(Diagnostic) -> ImagePreprocessing.Resize {
    let sides = try sides()
    return sides.count == 1
      ? .shorterSide(sides[0])
      : .exactly(ImagePreprocessing.Size(height: sides[0], width: sides[1]))
  }

  private func size() throws(Diagnostic) -> ImagePreprocessing.Size {
    let sides = try sides()
    return ImagePreprocessing.Size(height: sides[0], width: sides[sides.count - 1])
  }

  func preprocessing() throws(Diagnostic) -> ImagePreprocessing {
    var result = ImagePreprocessing()
    for (key, value) in try entries() {
      switch key {
      case "resize": result.resize = try value.resize()
      case "crop": result.crop = try value.size()
      case "interpolation": result.interpolation = try value.choice(Image.Interpolation.self)
      case "color": result.color = try value.choice(ImagePreprocessing.Color.self)
      case "scale": result.scale = try value.number()
      case "mean": result.mean = try value.numbers()
      case "std": result.std = try value.numbers()
      case "layout": result.layout = try value.choice(ImagePreprocessing.Layout.self)
      default:
        throw value.unknown(expected: [
          "resize", "crop", "interpolation", "color", "scale", "mean", "std", "layout",
        ])
      }
    }
    do throws(Diagnostic) {
      try result.check()
    } catch {
      throw error.located(at: location)
    }
    return result
  }
}
