import Diagnostics
import Foundation
import SwiftCSV
import Tensors

/// A dataset's `labels.csv`: in every row a file, and the numbers that are its labels.
///
/// Files are named from the dataset's folder on, or within its `images` or `samples`. A first row that starts with
/// `file` is a heading.
struct LabelFile {
  private static let heading = "file"

  /// By the file's path from the dataset's folder on.
  let labels: [String: [Double]]

  /// - Parameters:
  ///   - folder: the dataset's.
  ///   - files: paths of its samples from the folder on.
  /// - Throws: `file.read`; `dataset.labels` for rows that are no file and numbers, for a file with two rows and for a
  ///   file that is no sample; `dataset.path` for a file outside of the folder.
  init(folder: String, files: [String]) throws(Diagnostic) {
    let path = "\(folder)/labels.csv"
    let text = String(decoding: try readFile(path), as: UTF8.self)
    var rows: [[String]] = []
    do {
      let table = try EnumeratedCSV(string: text, delimiter: .comma, loadColumns: false)
      try table.enumerateAsArray(startAt: 0, rowLimit: nil) { rows.append($0) }
    } catch {
      throw Diagnostic("dataset.labels", "found no CSV: \(error)", at: .file(path))
    }
    let known = Set(files)
    var labels: [String: [Double]] = [:]
    for (number, row) in rows.enumerated() {
      guard let name = row.first, !(row.count == 1 && name.isEmpty) else { continue }
      if number == 0, name == Self.heading { continue }
      let place = Location.line(file: path, line: number + 1)
      let file = try DatasetPath(name, at: place).text
      guard let sample = [file, "images/\(file)", "samples/\(file)"].first(where: known.contains)
      else {
        throw Diagnostic("dataset.labels", "the dataset has no sample '\(name)'", at: place)
      }
      let numbers = row.dropFirst().map { Double($0.trimmingCharacters(in: .whitespaces)) }
      guard !numbers.isEmpty, let numbers = numbers as? [Double],
        numbers.allSatisfy(\.isFinite)
      else {
        throw Diagnostic(
          "dataset.labels",
          "found '\(row.joined(separator: ","))', expected a file and numbers behind it",
          at: place)
      }
      guard labels.updateValue(numbers, forKey: sample) == nil else {
        throw Diagnostic("dataset.labels", "'\(name)' has a second row", at: place)
      }
    }
    self.labels = labels
  }

  /// The labels of a file as one row; whole numbers are of type i64.
  func tensor(for file: String) -> Tensor? {
    guard let numbers = labels[file] else { return nil }
    let isWhole = numbers.allSatisfy { Int(exactly: $0) != nil }
    return Tensor(doubles: numbers, shape: [1, numbers.count], type: isWhole ? .i64 : .f64)
  }
}
