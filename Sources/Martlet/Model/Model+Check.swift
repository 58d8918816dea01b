public import Diagnostics
import Lowering

extension Model {
  /// Everything that keeps a model from being compiled for some targets, and the warnings; empty when there is nothing to
  /// say.
  public static func problems(
    at path: String, shapes: [ShapeBinding] = [], targets: [String] = ["native"]
  ) -> DiagnosticList {
    do throws(DiagnosticList) {
      var model = try Model(contentsOf: path)
      var found = model.warnings
      do throws(Diagnostic) {
        try model.bind(shapes)
        found.append(contentsOf: try model.nativeProblems(targets))
      } catch {
        found.append(error)
      }
      return found
    } catch {
      return error
    }
  }

  /// The nodes that have no native code for some target, each named once.
  private func nativeProblems(_ targets: [String]) throws(Diagnostic) -> DiagnosticList {
    let targets = try TargetSelection.targets(targets)
    var optimized = graph
    _ = try Optimizer().run(.compile, on: &optimized)
    var found = DiagnosticList()
    for target in targets {
      do throws(DiagnosticList) {
        _ = try GraphLowering.lower(optimized, for: target)
      } catch {
        for diagnostic in error.diagnostics where !found.diagnostics.contains(diagnostic) {
          found.append(diagnostic)
        }
      }
    }
    return found
  }
}
